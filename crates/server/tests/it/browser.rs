//! A browser without scripts.

use axum::{
    body::Body,
    http::{Method, Request},
};
use domain::Role;

use crate::world::{Answer, World, key_of};

/// A browser that logged in with the key of a role.
pub(crate) struct Browser<'a> {
    world: &'a World,
    pub(crate) cookies: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self {
            world,
            cookies: String::new(),
        }
    }

    pub(crate) fn with_key(world: &'a World, role: Role) -> Self {
        Self {
            world,
            cookies: format!("zka_key={}", key_of(role).expose()),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, form).await
    }

    async fn send(&self, method: Method, path: &str, form: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:5000")
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &self.cookies);
        self.world
            .send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// The token of the forms on a page.
    pub(crate) async fn token(&self, path: &str) -> String {
        let page = self.get(path).await;
        let text = page.text();
        let begin = text
            .find("name=\"token\" value=\"")
            .expect("a form with a token")
            + 20;
        text[begin..].split('"').next().unwrap().to_owned()
    }
}

pub(crate) fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn cookie(answer: &Answer, name: &str) -> Option<String> {
    answer
        .headers
        .get_all("set-cookie")
        .iter()
        .find_map(|line| {
            let (key, rest) = line.to_str().unwrap().split_once('=').unwrap();
            (key == name).then(|| rest.split(';').next().unwrap().to_owned())
        })
}
