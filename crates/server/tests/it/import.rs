use serde_json::json;
use test_kit::{Receiver, Reply};
use zk_terminal::TerminalConfig;

use crate::{
    users::{connect, terminal},
    world::World,
};

#[tokio::test]
async fn users_come_from_a_url_row_by_row() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let source = Receiver::start().await;
    source.answer(|_| {
        Reply::json(
            200,
            r#"{"data": [
                {"emp_code": "0100", "first_name": "Ann", "last_name": "Lee", "card_no": 55},
                {"emp_code": "007", "full_name": "Jane Smith"},
                {"emp_code": "1", "name": "The Boss"},
                {"name": "nobody"}
            ]}"#,
        )
    });
    let body = json!({ "url": source.url(), "headers": { "X-Token": "abc" }, "dry_run": true });
    let dry = world.post("/api/add-users-from-url", &body).await.good();
    let data = dry.data();
    assert_eq!(
        (&data["added"], &data["updated"], &data["skipped"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(terminal.users().len(), 2, "a dry run changes nothing");
    assert_eq!(source.requests()[0].header("x-token"), Some("abc"));

    let done = world
        .post("/api/add-users-from-url", &json!({ "url": source.url() }))
        .await
        .good();
    let mut envelope = done.envelope();
    envelope["data"]["job_id"] = "[job id]".into();
    insta::assert_json_snapshot!("import", envelope);
    let ann = terminal
        .users()
        .into_iter()
        .find(|user| user.pin == "0100")
        .unwrap();
    assert_eq!((ann.name.as_str(), ann.card), ("Ann Lee", 55));
    let users = world.get("/api/users").await.data();
    assert_eq!(users["count"], 3);

    let job = done.data()["job_id"].as_i64().unwrap();
    let job = world.get(&format!("/api/v1/jobs/{job}")).await.good();
    assert_eq!(
        (&job.data()["state"], &job.data()["result"]["added"]),
        (&json!("done"), &json!(1))
    );
    assert!(
        !job.text().contains("abc"),
        "values of headers are not kept"
    );
    terminal.stop().await;
}

#[tokio::test]
async fn a_name_that_the_terminal_cuts_off_is_told_before_and_after() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let source = Receiver::start().await;
    source.answer(|_| {
        Reply::json(
            200,
            r#"[{"user_id": "8", "name": "Ann"}, {"user_id": "9", "name": "Maximiliana Featherstonehaugh"}]"#,
        )
    });
    for dry_run in [true, false] {
        let body = json!({ "url": source.url(), "dry_run": dry_run });
        let done = world.post("/api/add-users-from-url", &body).await.good();
        let data = done.data();
        assert_eq!(data["added"], 2);
        let [warned] = data["warnings"].as_array().unwrap().as_slice() else {
            panic!("{data}");
        };
        assert_eq!(
            (&warned["row"], &warned["user_id"]),
            (&json!(2), &json!("9"))
        );
        let text = warned["warning"].as_str().unwrap();
        assert!(text.contains("Maximiliana Featherston\""), "{text}");
    }
    terminal.stop().await;
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_told_with_its_cause() {
    let world = World::open().await;
    let terminal = terminal(TerminalConfig::default()).await;
    connect(&world, &terminal).await;
    let source = Receiver::start().await;
    for (reply, status, code) in [
        (Reply::json(200, "<html>"), 400, "invalid_document"),
        (
            Reply::json(200, r#"{"people": []}"#),
            400,
            "invalid_document",
        ),
        (Reply::status(404), 400, "fetch_failed"),
        (Reply::status(503), 500, "fetch_failed"),
        (
            Reply::json(302, "").with_header("location", "http://192.0.2.1/"),
            400,
            "fetch_failed",
        ),
    ] {
        source.answer_next(reply);
        let answer = world
            .post("/api/add-users-from-url", &json!({ "url": source.url() }))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{}",
            answer.text()
        );
    }
    for (body, names) in [
        (json!({}), "url"),
        (json!({ "url": "http://169.254.169.254/" }), "url"),
        (json!({ "url": source.url(), "method": "PUT" }), "method"),
        (
            json!({ "url": source.url(), "field_map": { "pin": "x" } }),
            "field_map",
        ),
        (
            json!({ "url": source.url(), "headers": { "a b": "x" } }),
            "header",
        ),
    ] {
        let answer = world.post("/api/add-users-from-url", &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert!(
            answer.message().contains(names),
            "{body}: {}",
            answer.message()
        );
    }
    terminal.stop().await;
}
