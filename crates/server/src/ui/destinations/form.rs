//! The form of a destination: what was typed, and what it means.

use domain::{
    AlreadyThere, BodySpec, ClientCredentialsIn, ClientIdentity, Field, FieldValue, KeyPlace, Mode,
    Order, Proxy, RequestAuth, RequestMethod, RequestSpec, Schedule, Secret, Signing, TemplateUnit,
    TlsSpec,
};

use crate::{
    actions::{DestinationView, DestinationWish, FilterWish, History},
    input::{Count, Seconds},
    problem::Problem,
    ui::fields::{Fields, filled, value},
};

const MASK: &str = "***";

/// The form of somebody new.
pub(super) fn blank() -> Fields {
    let mut form = of_request(&RequestSpec::default());
    for (name, value) in [
        ("history", "from_now"),
        ("mode", "on"),
        ("schedule", "at_once"),
        ("batch_size", "500"),
        ("order", "per_person"),
        ("keep_days", "30"),
        ("give_up_after", "168h"),
        ("record_id", "1"),
    ] {
        form.put(name, value);
    }
    form
}

/// The form as it stands.
pub(super) fn of(destination: &DestinationView) -> Result<Fields, Problem> {
    let spec: RequestSpec =
        serde_json::from_value(destination.request.clone()).map_err(Problem::internal)?;
    let mut form = of_request(&spec);
    form.put("id", &destination.id.to_string());
    form.put("name", &destination.name);
    form.put("url", destination.url.as_deref().unwrap_or_default());
    form.put("mode", destination.mode.as_str());
    let filter = &destination.filter;
    for device in &filter.devices {
        form.put("devices", &device.to_string());
    }
    for state in &filter.states {
        form.put("states", &state.to_string());
    }
    form.put("sites", &filter.sites.join(", "));
    form.put("groups", &filter.groups.join(", "));
    form.put("people", &filter.people.join(", "));
    form.put(
        "start_from",
        filter.start_from.as_deref().unwrap_or_default(),
    );
    match &destination.schedule {
        Schedule::AtOnce => form.put("schedule", "at_once"),
        Schedule::Every { minutes } => {
            form.put("schedule", "every");
            form.put("minutes", &minutes.to_string());
        }
        Schedule::Cron { expr, zone } => {
            form.put("schedule", "cron");
            form.put("cron", expr);
            form.put("zone", zone);
        }
    }
    form.put("batch_size", &destination.batch_size.to_string());
    if let Some(rate) = destination.rate_limit {
        form.put("rate_limit", &rate.to_string());
    }
    form.put("order", destination.order.as_str());
    form.put("keep_days", &destination.keep_days.to_string());
    form.put("give_up_after", &hours(destination.give_up_after));
    form.put_if("record_id", destination.include_record_id);
    form.put_if("needs_mapping", destination.needs_mapping);
    Ok(form)
}

fn hours(secs: i64) -> String {
    const HOUR: i64 = 3_600;
    if secs % HOUR == 0 {
        format!("{}h", secs / HOUR)
    } else {
        format!("{secs}s")
    }
}

fn of_request(spec: &RequestSpec) -> Fields {
    let mut form = Fields::default();
    form.put("method", spec.method.as_str());
    form.put("headers", &lines(&spec.headers, ": "));
    form.put("query", &lines(&spec.query, "="));
    let names: Vec<String> = spec
        .secrets
        .keys()
        .map(|name| format!("{name}={MASK}"))
        .collect();
    form.put("secrets", &names.join("\n"));
    match &spec.body {
        BodySpec::Seed => form.put("shape", "seed"),
        BodySpec::Bare => form.put("shape", "bare"),
        BodySpec::Events => form.put("shape", "events"),
        BodySpec::Template {
            unit,
            content_type,
            source,
        } => {
            form.put(
                "shape",
                match unit {
                    TemplateUnit::Batch => "template",
                    TemplateUnit::Record => "template_record",
                },
            );
            form.put("content_type", content_type);
            form.put("source", source);
        }
    }
    put_auth(&mut form, &spec.auth);
    if let Some(signing) = &spec.signing {
        form.put("signing_secret", MASK);
        if signing.previous.is_some() {
            form.put("signing_previous", MASK);
        }
    }
    form.put("ca_pem", spec.tls.ca_pem.as_deref().unwrap_or_default());
    if let Some(client) = &spec.tls.client {
        form.put("client_certificate", &client.certificate_pem);
        form.put("client_key", MASK);
    }
    if let Some(proxy) = &spec.proxy {
        form.put("proxy_url", &proxy.url);
        form.put(
            "proxy_username",
            proxy.username.as_deref().unwrap_or_default(),
        );
        if proxy.password.is_some() {
            form.put("proxy_password", MASK);
        }
    }
    let already_there: Vec<String> = spec
        .already_there
        .iter()
        .map(|rule| format!("{}: {}", rule.status, rule.text))
        .collect();
    form.put("already_there", &already_there.join("\n"));
    if let Some(secs) = spec.timeout_secs {
        form.put("timeout_secs", &secs.to_string());
    }
    form.put_if("allow_loopback", spec.allow_loopback);
    form.put_if("allow_link_local", spec.allow_link_local);
    form
}

fn put_auth(form: &mut Fields, auth: &RequestAuth) {
    match auth {
        RequestAuth::None => form.put("auth", "none"),
        RequestAuth::Basic { username, .. } => {
            form.put("auth", "basic");
            form.put("username", username);
            form.put("password", MASK);
        }
        RequestAuth::Bearer { .. } => {
            form.put("auth", "bearer");
            form.put("bearer", MASK);
        }
        RequestAuth::ApiKey { place, name, .. } => {
            form.put("auth", "api_key");
            form.put(
                "key_place",
                match place {
                    KeyPlace::Header => "header",
                    KeyPlace::Query => "query",
                },
            );
            form.put("key_name", name);
            form.put("key", MASK);
        }
        RequestAuth::OAuth2 {
            token_url,
            client_id,
            scope,
            audience,
            credentials_in,
            ..
        } => {
            form.put("auth", "o_auth2");
            form.put("token_url", token_url);
            form.put("client_id", client_id);
            form.put("client_secret", MASK);
            form.put("scope", scope.as_deref().unwrap_or_default());
            form.put("audience", audience.as_deref().unwrap_or_default());
            form.put_if(
                "credentials_in_body",
                *credentials_in == ClientCredentialsIn::Body,
            );
        }
    }
}

fn lines(fields: &[Field], between: &str) -> String {
    let lines: Vec<String> = fields
        .iter()
        .map(|field| {
            let value = match &field.value {
                FieldValue::Value(value) => value,
                FieldValue::Secret(_) => MASK,
            };
            format!("{}{between}{value}", field.name)
        })
        .collect();
    lines.join("\n")
}

/// What the form asks for.
pub(super) fn wish(form: &Fields) -> Result<DestinationWish, Problem> {
    let number = |name: &'static str| -> Result<Option<u64>, Problem> {
        Ok(value::<Count>(name, form.get(name))?.map(|Count(number)| number))
    };
    Ok(DestinationWish {
        name: Some(form.get("name").to_owned()),
        url: Some(filled(form.get("url"))),
        mode: Some(match form.get("mode") {
            "off" => Mode::Off,
            "paused" => Mode::Paused,
            _ => Mode::On,
        }),
        filter: filter(form),
        schedule: Some(schedule(form)?),
        batch_size: number("batch_size")?,
        rate_limit: Some(number("rate_limit")?),
        order: Some(match form.get("order") {
            "any" => Order::Any,
            _ => Order::PerPerson,
        }),
        keep_days: number("keep_days")?,
        give_up_after: value::<Seconds>("give_up_after", form.get("give_up_after"))?
            .map(|Seconds(time)| time),
        with_record_id: Some(form.is_ticked("record_id")),
        needs_mapping: Some(form.is_ticked("needs_mapping")),
        request: Some(request(form)?),
    })
}

pub(super) fn filter(form: &Fields) -> FilterWish {
    let list = |name: &str| {
        let names = form.get(name).split(',').map(str::trim);
        Some(
            names
                .filter(|name| !name.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
        )
    };
    FilterWish {
        devices: Some(form.all("devices")),
        sites: list("sites"),
        groups: list("groups"),
        people: list("people"),
        states: Some(form.all("states")),
        start_from: filled(form.get("start_from")),
    }
}

pub(super) fn history(form: &Fields) -> Result<History, Problem> {
    match form.get("history") {
        "from_now" => Ok(History::FromNow),
        "since" => filled(form.get("since"))
            .map(History::Since)
            .ok_or_else(|| {
                Problem::invalid("say from which day on stored punches are sent, as 2026-11-01")
            }),
        _ => Err(Problem::invalid(
            "say what is done with punches that are stored already",
        )),
    }
}

fn schedule(form: &Fields) -> Result<Schedule, Problem> {
    Ok(match form.get("schedule") {
        "every" => Schedule::Every {
            minutes: value::<Count>("minutes", form.get("minutes"))?
                .and_then(|Count(minutes)| u32::try_from(minutes).ok())
                .unwrap_or(0),
        },
        "cron" => Schedule::Cron {
            expr: form.get("cron").trim().to_owned(),
            zone: form.get("zone").trim().to_owned(),
        },
        _ => Schedule::AtOnce,
    })
}

/// How a request is made.
pub(super) fn request(form: &Fields) -> Result<RequestSpec, Problem> {
    let template = |unit| BodySpec::Template {
        unit,
        content_type: form.get("content_type").trim().to_owned(),
        // Browsers send line breaks as two signs.
        source: form.get("source").replace("\r\n", "\n"),
    };
    Ok(RequestSpec {
        method: match form.get("method") {
            "PUT" => RequestMethod::Put,
            "PATCH" => RequestMethod::Patch,
            "GET" => RequestMethod::Get,
            _ => RequestMethod::Post,
        },
        headers: fields("headers", form.get("headers"), ':')?,
        query: fields("query", form.get("query"), '=')?,
        body: match form.get("shape") {
            "bare" => BodySpec::Bare,
            "events" => BodySpec::Events,
            "template" => template(TemplateUnit::Batch),
            "template_record" => template(TemplateUnit::Record),
            _ => BodySpec::Seed,
        },
        secrets: pairs("secrets", form.get("secrets"), '=')?
            .into_iter()
            .map(|(name, secret)| (name, Secret::new(secret)))
            .collect(),
        auth: auth(form),
        signing: secret(form, "signing_secret").map(|secret| Signing {
            secret,
            previous: self::secret(form, "signing_previous"),
        }),
        tls: TlsSpec {
            ca_pem: filled(form.get("ca_pem")),
            client: filled(form.get("client_certificate")).map(|certificate_pem| ClientIdentity {
                certificate_pem,
                key_pem: Secret::new(form.get("client_key").trim().to_owned()),
            }),
        },
        proxy: filled(form.get("proxy_url")).map(|url| Proxy {
            url,
            username: filled(form.get("proxy_username")),
            password: secret(form, "proxy_password"),
        }),
        already_there: pairs("already_there", form.get("already_there"), ':')?
            .into_iter()
            .map(|(status, text)| AlreadyThere {
                // What is no number is no status.
                status: status.parse().unwrap_or_default(),
                text,
            })
            .collect(),
        timeout_secs: value::<Count>("timeout_secs", form.get("timeout_secs"))?
            .map(|Count(secs)| u16::try_from(secs).unwrap_or(u16::MAX)),
        allow_loopback: form.is_ticked("allow_loopback"),
        allow_link_local: form.is_ticked("allow_link_local"),
    })
}

fn auth(form: &Fields) -> RequestAuth {
    let secret = |name: &str| Secret::new(form.get(name).trim().to_owned());
    let word = |name: &str| form.get(name).trim().to_owned();
    match form.get("auth") {
        "basic" => RequestAuth::Basic {
            username: word("username"),
            password: secret("password"),
        },
        "bearer" => RequestAuth::Bearer {
            token: secret("bearer"),
        },
        "api_key" => RequestAuth::ApiKey {
            place: match form.get("key_place") {
                "query" => KeyPlace::Query,
                _ => KeyPlace::Header,
            },
            name: word("key_name"),
            key: secret("key"),
        },
        "o_auth2" => RequestAuth::OAuth2 {
            token_url: word("token_url"),
            client_id: word("client_id"),
            client_secret: secret("client_secret"),
            scope: filled(form.get("scope")),
            audience: filled(form.get("audience")),
            credentials_in: if form.is_ticked("credentials_in_body") {
                ClientCredentialsIn::Body
            } else {
                ClientCredentialsIn::Header
            },
        },
        _ => RequestAuth::None,
    }
}

fn secret(form: &Fields, name: &str) -> Option<Secret<String>> {
    filled(form.get(name)).map(Secret::new)
}

/// A value that is masked was a secret before, and stays one.
fn fields(list: &str, text: &str, between: char) -> Result<Vec<Field>, Problem> {
    Ok(pairs(list, text, between)?
        .into_iter()
        .map(|(name, value)| Field {
            name,
            value: if value == MASK {
                FieldValue::Secret(Secret::new(value))
            } else {
                FieldValue::Value(value)
            },
        })
        .collect())
}

fn pairs(list: &str, text: &str, between: char) -> Result<Vec<(String, String)>, Problem> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            line.split_once(between)
                .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                .ok_or_else(|| {
                    // The line may hold a secret.
                    Problem::invalid(format!(
                        "{list}: line {} has no {between} in it; write a name, {between} and a value",
                        number + 1
                    ))
                })
        })
        .collect()
}
