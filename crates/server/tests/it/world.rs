use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
    response::Response,
};
use collector::{Collector, CollectorSettings};
use delivery::{Delivery, DeliverySettings, OutboundPolicy};
use domain::{Clock, Role, Terminal};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use server::{ApiKeyText, AppState, Auth, ServerSettings, StatusCodes};
use storage::Store;
use test_kit::{HandClock, TempLedger};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// A server with a ledger of its own; everything in it ends with it.
pub(crate) struct World {
    pub(crate) ledger: TempLedger,
    router: Router,
    stop: CancellationToken,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// 2026-11-23 10:00:00 UTC
pub(crate) fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

impl World {
    /// Nobody is asked for a key.
    pub(crate) async fn open() -> Self {
        Self::start(Auth::Open).await
    }

    /// With one key for each role, see [`key`].
    pub(crate) async fn with_keys() -> Self {
        let world = Self::start(Auth::Keys).await;
        for role in [Role::Viewer, Role::Operator, Role::Admin] {
            let key = key_of(role);
            world
                .ledger
                .add_key(role.as_str(), role, &key.hash(), key.hint(), now())
                .await
                .unwrap();
        }
        world
    }

    async fn start(auth: Auth) -> Self {
        let ledger = TempLedger::new().await;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let clock: Arc<dyn Clock> = Arc::new(HandClock::at(now()));
        let policy = OutboundPolicy {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
        };
        let store: Store = ledger.store();
        let delivery = Delivery::start(
            DeliverySettings {
                timeout: Duration::from_secs(5),
                policy: policy.clone(),
                jitter_seed: 1,
                zone: TimeZone::UTC,
            },
            store.clone(),
            Arc::clone(&clock),
            &tasks,
            stop.clone(),
        )
        .unwrap();
        let to_wake = delivery.clone();
        let collector = Collector::start(
            CollectorSettings {
                interval: Duration::from_hours(1),
                connect_timeout: Duration::from_secs(5),
                zone: TimeZone::UTC,
                zone_name: "UTC".to_owned(),
                copies: ledger.dir().join("log-copies"),
                mint: || "minted".to_owned(),
            },
            store.clone(),
            Arc::clone(&clock),
            Arc::new(move || to_wake.wake()),
            &tasks,
            stop.clone(),
        )
        .await
        .unwrap();
        let router = server::router(AppState {
            store,
            collector,
            delivery,
            policy,
            clock,
            settings: Arc::new(ServerSettings {
                auth,
                zone: TimeZone::UTC,
                zone_name: "UTC".to_owned(),
                interval: Duration::from_mins(1),
                version: "0.0.0",
                codes: StatusCodes::Seed,
            }),
            form_key: Arc::new(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[5; 32])),
            kept: server::Kept::default(),
            tasks,
            stopping: stop.clone(),
        });
        Self {
            ledger,
            router,
            stop,
        }
    }

    /// A registered terminal that nothing answers for.
    pub(crate) async fn terminal(&self, serial: &str) -> Terminal {
        let octet = serial.len();
        self.ledger
            .known_terminal(&format!("192.0.2.{octet}"), serial, now())
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, None, Body::empty()))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, None, body).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        role: Option<Role>,
        body: &Value,
    ) -> Answer {
        self.send(request(method, path, role, Body::from(body.to_string())))
            .await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.stream(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Leaves the body unread.
    pub(crate) async fn stream(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Asks again until it is so.
    pub(crate) async fn until(
        &self,
        path: &str,
        what: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Value {
        let found = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let data = self.get(path).await.data();
                if is_so(&data) {
                    return data;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        found
            .await
            .unwrap_or_else(|_| panic!("never saw {what} at {path}"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }

    /// The whole envelope without what differs from run to run.
    pub(crate) fn envelope(&self) -> Value {
        let mut json = self.json();
        json["request_id"] = "[request id]".into();
        json
    }

    /// It must be a success.
    pub(crate) fn good(self) -> Self {
        assert_eq!(
            self.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.json()["status"], "success");
        self
    }
}

pub(crate) fn request(method: Method, path: &str, role: Option<Role>, body: Body) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:5000");
    if let Some(role) = role {
        request = request.header("authorization", format!("Bearer {}", key_of(role).expose()));
    }
    request.body(body).unwrap()
}

pub(crate) fn key_of(role: Role) -> ApiKeyText {
    ApiKeyText::from_random([role as u8 + 1; 32])
}
