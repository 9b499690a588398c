//! The pages as a browser meets them: who may see and send what, and what a form needs.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::Role;
use serde_json::json;

use crate::{
    browser::{Browser, cookie, header},
    world::{World, key_of, request},
};

const PAGES: [&str; 10] = [
    "/",
    "/terminals",
    "/users",
    "/people",
    "/people/inbox",
    "/people/groups",
    "/punches",
    "/destinations",
    "/export",
    "/sync-status",
];
const FRAGMENTS: [&str; 3] = [
    "/fragments/overview",
    "/fragments/export",
    "/fragments/sync-status",
];
/// Every address that takes a form, and the least role that may send it.
const FORMS: [(&str, Role); 21] = [
    ("/terminals/connect", Role::Operator),
    ("/terminals/1", Role::Admin),
    ("/terminals/1/contact", Role::Operator),
    ("/terminals/1/enabled", Role::Admin),
    ("/terminals/1/default", Role::Admin),
    ("/terminals/1/remove", Role::Admin),
    ("/terminals/1/check", Role::Operator),
    ("/terminals/1/operations", Role::Operator),
    ("/terminals/1/clear", Role::Admin),
    ("/users/copy", Role::Admin),
    ("/people/inbox/many", Role::Operator),
    ("/people/groups", Role::Admin),
    ("/people/groups/1", Role::Admin),
    ("/people/groups/1/join", Role::Admin),
    ("/people/groups/1/leave", Role::Admin),
    ("/people/groups/1/remove", Role::Admin),
    ("/users", Role::Operator),
    ("/users/delete", Role::Operator),
    ("/users/import", Role::Admin),
    ("/export", Role::Admin),
    ("/export/send", Role::Operator),
];

#[tokio::test]
async fn every_page_opens_with_a_policy_of_its_own() {
    let world = World::open().await;
    for path in PAGES.into_iter().chain(FRAGMENTS) {
        let page = world.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(
            header(&page, "content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        let policy = header(&page, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert_eq!(header(&page, "cache-control"), "no-store", "{path}");
        assert!(
            !page.text().contains("style=\"") && !page.text().contains("onclick"),
            "{path} has something inline"
        );
    }
}

#[tokio::test]
async fn pages_lead_to_the_login_and_fragments_say_that_a_key_is_needed() {
    let world = World::with_keys().await;
    for path in PAGES {
        let page = Browser::new(&world).get(path).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(header(&page, "location").starts_with("/login"), "{path}");
    }
    for path in FRAGMENTS {
        assert_eq!(
            Browser::new(&world).get(path).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_login_needs_the_token_of_its_own_page() {
    let world = World::with_keys().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/login").await;
    let visitor = cookie(&page, "zka_visitor").unwrap();
    browser.cookies = format!("zka_visitor={visitor}");
    let token = browser.token("/login").await;
    let key = key_of(Role::Viewer);
    let form = |token: &str| format!("token={token}&key={}&next=/users", key.expose());

    let foreign = Browser::new(&world).post("/login", &form(&token)).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let wrong = browser
        .post("/login", &format!("token={token}&key=zka_wrong"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(cookie(&wrong, "zka_key"), None);
    let right = browser.post("/login", &form(&token)).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert_eq!(header(&right, "location"), "/users");
    assert_eq!(cookie(&right, "zka_key").as_deref(), Some(key.expose()));
}

#[tokio::test]
async fn no_form_is_taken_without_its_token() {
    for world in [World::open().await, World::with_keys().await] {
        world.terminal("A").await;
        let browser = Browser::with_key(&world, Role::Admin);
        for (path, _) in FORMS {
            for form in ["export_url=http://192.0.2.1/", "token=00&ip=192.0.2.1", ""] {
                let answer = browser.post(path, form).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} with {form:?}");
                assert!(answer.text().contains("no longer valid"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn every_form_asks_for_its_role_although_the_token_is_right() {
    let world = World::with_keys().await;
    for has in [Role::Viewer, Role::Operator] {
        let browser = Browser::with_key(&world, has);
        let token = browser.token("/").await;
        for (path, needed) in FORMS {
            let form = format!("token={token}&enabled=true");
            if has < needed {
                let answer = browser.post(path, &form).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} as {has}");
                assert!(
                    answer.text().contains("Not allowed with this key"),
                    "{path} as {has}"
                );
            }
        }
    }
}

#[tokio::test]
async fn forms_are_shown_only_to_those_who_may_send_them() {
    let world = World::with_keys().await;
    world.terminal("A").await;
    let seen = |role| {
        let browser = Browser::with_key(&world, role);
        async move {
            let mut actions = Vec::new();
            for path in PAGES {
                let page = browser.get(path).await;
                for part in page.text().split("method=\"post\" action=\"").skip(1) {
                    actions.push(part.split('"').next().unwrap().to_owned());
                }
            }
            actions.retain(|action| action != "/logout");
            actions
        }
    };
    assert!(seen(Role::Viewer).await.is_empty());
    let operator = seen(Role::Operator).await;
    assert!(
        operator.contains(&"/users".to_owned()) && !operator.contains(&"/export".to_owned()),
        "{operator:?}"
    );
    let admin = seen(Role::Admin).await;
    assert!(
        admin.contains(&"/export".to_owned()) && admin.contains(&"/users/import".to_owned()),
        "{admin:?}"
    );
}

#[tokio::test]
async fn a_deed_ends_in_a_redirect_whose_page_says_once_what_came_of_it() {
    let world = World::open().await;
    let mut browser = Browser::new(&world);
    let token = browser.token("/export").await;
    let done = browser
        .post(
            "/export",
            &format!("token={token}&export_url=http://192.0.2.1/data&batch_size=7"),
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(header(&done, "location"), "/export");
    let saved = world.get("/api/export-config").await.data();
    assert_eq!(
        (saved["export_url"].as_str(), saved["batch_size"].as_u64()),
        (Some("http://192.0.2.1/data"), Some(7))
    );

    browser.cookies = format!("zka_flash={}", cookie(&done, "zka_flash").unwrap());
    let page = browser.get("/export").await;
    assert!(page.text().contains("The export settings are saved."));
    assert_eq!(cookie(&page, "zka_flash").as_deref(), Some(""));
}

#[tokio::test]
async fn a_message_that_somebody_else_wrote_is_not_shown() {
    let world = World::open().await;
    let mut browser = Browser::new(&world);
    // "good Call 555-0100" in hexadecimal digits.
    let text = "676f6f642043616c6c203535352d30313030";
    for signature in ["", "00", &"ab".repeat(32)] {
        browser.cookies = format!("zka_flash={text}.{signature}");
        assert!(!browser.get("/").await.text().contains("555-0100"));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_beside_what_was_typed() {
    let world = World::open().await;
    let browser = Browser::new(&world);
    let token = browser.token("/export").await;
    let page = browser
        .post(
            "/export",
            &format!("token={token}&export_url=ftp%3A%2F%2Fx&batch_size=0"),
        )
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text().contains("role=\"alert\""));
    assert!(page.text().contains("value=\"ftp://x\""));
    assert_eq!(
        world.get("/api/export-config").await.data()["export_url"],
        json!(null)
    );
}

#[tokio::test]
async fn names_are_shown_as_they_are_and_never_run() {
    let world = World::open().await;
    let terminal = world.terminal("A").await;
    let name = "<script>alert('1')</script>";
    let path = format!("/api/v1/devices/{}", terminal.id);
    world
        .call(Method::PATCH, &path, None, &json!({ "name": name }))
        .await
        .good();
    for path in [
        "/",
        "/terminals",
        "/terminals/1",
        "/terminals/1/remove",
        "/users",
        "/punches",
        "/sync-status",
    ] {
        let page = world.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text().contains(name), "{path}");
        assert!(page.text().contains("alert("), "{path} names the terminal");
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_while_no_key_is_asked_for() {
    let world = World::open().await;
    let token = Browser::new(&world).token("/export").await;
    let mut foreign = request(
        Method::POST,
        "/export",
        None,
        Body::from(format!("token={token}")),
    );
    foreign
        .headers_mut()
        .insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(world.send(foreign).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_login_leads_only_to_pages_of_ours() {
    let world = World::with_keys().await;
    let browser = Browser::with_key(&world, Role::Viewer);
    for (next, place) in [
        ("/punches", "/punches"),
        ("//evil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
    ] {
        let answer = browser.get(&format!("/login?next={next}")).await;
        assert_eq!(header(&answer, "location"), place, "{next}");
    }
}

#[tokio::test]
async fn a_logout_makes_the_browser_forget_the_key() {
    let world = World::with_keys().await;
    let browser = Browser::with_key(&world, Role::Viewer);
    let token = browser.token("/").await;
    let answer = browser.post("/logout", &format!("token={token}")).await;
    assert_eq!(cookie(&answer, "zka_key").as_deref(), Some(""));
    assert_eq!(
        browser.post("/logout", "").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn files_of_the_pages_are_kept_for_good_and_only_under_their_own_hash() {
    let world = World::open().await;
    let page = world.get("/").await;
    let style = page
        .text()
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let asset = world.get(style).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert_eq!(header(&asset, "content-type"), "text/css; charset=utf-8");
    assert!(header(&asset, "cache-control").contains("immutable"));
    assert_eq!(
        world.get("/assets/app-000000000000.css").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_destination_that_is_paused_says_so_and_why_although_it_has_no_address() {
    let world = World::open().await;
    let body = json!({ "name": "Payroll", "mode": "paused", "history": { "from_now": true } });
    let made = world.post("/api/v1/destinations", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    for path in ["/destinations", "/destinations/1", "/sync-status"] {
        let page = world.get(path).await;
        for text in ["Paused</span>", "Somebody paused it."] {
            assert!(page.text().contains(text), "{path}: {text}");
        }
        assert!(!page.text().contains("No receiver set"), "{path}");
    }
}
