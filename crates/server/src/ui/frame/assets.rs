use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    extract::Path,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use ring::digest::{SHA256, digest};

use super::missing;

/// The URLs of the files that pages load. Each holds a hash of its content, so that browsers may keep it for good.
pub(crate) struct Assets {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) form_script: String,
    pub(crate) icon: String,
}

struct Asset {
    name: &'static str,
    ending: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const STYLE: Asset = Asset {
    name: "app",
    ending: "css",
    media_type: "text/css; charset=utf-8",
    bytes: include_bytes!("../../../assets/app.css"),
};
const SCRIPT: Asset = Asset {
    name: "live",
    ending: "js",
    media_type: "text/javascript; charset=utf-8",
    bytes: include_bytes!("../../../assets/live.js"),
};
const FORM_SCRIPT: Asset = Asset {
    name: "form",
    ending: "js",
    media_type: "text/javascript; charset=utf-8",
    bytes: include_bytes!("../../../assets/form.js"),
};
const ICON: Asset = Asset {
    name: "favicon",
    ending: "svg",
    media_type: "image/svg+xml",
    bytes: include_bytes!("../../../assets/favicon.svg"),
};

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: STYLE.url(),
    script: SCRIPT.url(),
    form_script: FORM_SCRIPT.url(),
    icon: ICON.url(),
});

impl Assets {
    pub(crate) fn get() -> &'static Self {
        &ASSETS
    }
}

impl Asset {
    fn url(&self) -> String {
        let hash = digest(&SHA256, self.bytes);
        let mut url = format!("/assets/{}-", self.name);
        for byte in hash.as_ref().iter().take(6) {
            // Writing to a String cannot fail.
            let _ = write!(url, "{byte:02x}");
        }
        let _ = write!(url, ".{}", self.ending);
        url
    }
}

/// One of the files; only under the hash of what it holds now.
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    let assets = Assets::get();
    let found = [
        (&assets.style, STYLE),
        (&assets.script, SCRIPT),
        (&assets.form_script, FORM_SCRIPT),
        (&assets.icon, ICON),
    ]
    .into_iter()
    .find_map(|(url, asset)| (*url == wanted).then_some(asset));
    match found {
        Some(asset) => (
            StatusCode::OK,
            [
                (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
                (
                    CACHE_CONTROL,
                    HeaderValue::from_static("public, max-age=31536000, immutable"),
                ),
            ],
            asset.bytes,
        )
            .into_response(),
        None => missing(),
    }
}
