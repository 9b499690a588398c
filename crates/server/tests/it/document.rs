use axum::http::StatusCode;

use crate::world::World;

#[test]
fn the_description_of_the_api_is_as_reviewed() {
    insta::assert_json_snapshot!("openapi", server::openapi());
}

#[tokio::test]
async fn the_description_is_served_to_everybody() {
    let world = World::with_keys().await;
    let answer = world.get("/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(
        answer.json(),
        serde_json::to_value(server::openapi()).unwrap()
    );
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let world = World::with_keys().await;
    let answer = world.get("/healthz").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["status"], "ok");
}
