//! Composes requests that a host must not send as they are, and interprets responses badly.
//!
//! The setting `mode` says how. Without it the channel behaves, so `url`, `method` and `headers.*` suffice for tests of
//! unusual addresses.
//!
//! | mode | does |
//! |---|---|
//! | `plain` | sends the event's data to `url`; the receipt is the status, the headers and the body |
//! | `count-body` | the same, with the size of the body instead of the body |
//! | `huge-body` | sends `bytes` (64 MiB) |
//! | `header-flood` | sends `count` (10,000) headers |
//! | `bad-header` | a header name and value with line breaks |
//! | `hop-headers` | its own `host`, `content-length`, `transfer-encoding` and `connection` |
//! | `forged-signature` | its own `webhook-id`, `webhook-timestamp` and `webhook-signature` |
//! | `secret-header` | what it reads under `token`, as a header |
//! | `compose-trap`, `compose-spin`, `compose-reject` | no request |
//! | `interpret-trap`, `interpret-spin`, `interpret-reject`, `big-receipt` | no valid result after a valid request |

//!
//! A batch is one request with all its events, written by the host. The modes `compose-reject`, `compose-trap`,
//! `interpret-trap` and `interpret-reject` (for every second event) work for batches too.

use fanfare_plugin_sdk::{
    BatchHttpChannel, Delivery, Failure, HttpChannel, Receipt, Request, Response, export_batch_http_channel,
    export_http_channel, json, published_json, setting, settings,
};
use serde_json::Value;

struct Hostile;

export_http_channel!(Hostile);
export_batch_http_channel!(Hostile);

impl HttpChannel for Hostile {
    fn compose(delivery: &Delivery) -> Result<Request, Failure> {
        let url = setting("url").unwrap_or_else(|| "http://127.0.0.1:9/".to_owned());
        let mut request = Request::new(setting("method").unwrap_or_else(|| "POST".to_owned()), url);
        if let Some(data) = delivery.event.data.clone() {
            request = request.body(data);
        }
        if let Some(Value::Object(headers)) = settings::<Value>()?.get("headers") {
            for (name, value) in headers {
                request = request.header(name, value.as_str().unwrap_or_default());
            }
        }
        Ok(match mode().as_str() {
            "huge-body" => request.body(vec![b'x'; number("bytes", 64 << 20)]),
            "header-flood" => (0..number("count", 10_000))
                .fold(request, |request, n| request.header(format!("x-{n}"), "x".repeat(64))),
            "bad-header" => request.header("x-a\r\nx-injected: 1", "v").header("x-b", "v\r\nx-injected: 2"),
            "hop-headers" => request
                .header("host", "elsewhere.example")
                .header("content-length", "1")
                .header("transfer-encoding", "chunked")
                .header("connection", "upgrade"),
            "forged-signature" => request
                .header("webhook-id", "forged")
                .header("webhook-timestamp", "1")
                .header("webhook-signature", "v1,Zm9yZ2Vk"),
            "secret-header" => request.header("x-token", setting("token").unwrap_or_default()),
            "compose-trap" => panic!("trapped on purpose in compose"),
            "compose-spin" => spin(),
            "compose-reject" => return Err(Failure::reject("not_composed", "rejected on purpose")),
            _ => request,
        })
    }

    fn interpret(_: &Delivery, response: &Response) -> Result<Receipt, Failure> {
        match mode().as_str() {
            "interpret-trap" => panic!("trapped on purpose in interpret"),
            "interpret-spin" => spin(),
            "interpret-reject" => return Err(Failure::reject("not_interpreted", "rejected on purpose")),
            "big-receipt" => return Ok(json!({ "filler": "x".repeat(number("bytes", 16 << 20)) }).into()),
            _ => response.error_for_status()?,
        }
        if mode() == "count-body" {
            let bytes = response.body.as_bytes().len();
            return Ok(json!({ "status": response.status, "headers": response.headers, "bytes": bytes }).into());
        }
        let body = String::from_utf8_lossy(response.body.as_bytes());
        Ok(json!({ "status": response.status, "headers": response.headers, "body": body, "token": setting("token") })
            .into())
    }
}

impl BatchHttpChannel for Hostile {
    fn compose(_: &[Delivery]) -> Result<Request, Failure> {
        match mode().as_str() {
            "compose-trap" => panic!("trapped on purpose in compose"),
            "compose-reject" => return Err(Failure::reject("not_composed", "rejected on purpose")),
            _ => {}
        }
        let request = Request::post(setting("url").unwrap_or_else(|| "http://127.0.0.1:9/".to_owned()));
        Ok(request.header("content-type", "application/cloudevents-batch+json").body(published_json()))
    }

    fn interpret(batch: &[Delivery], response: &Response) -> Vec<Result<Receipt, Failure>> {
        assert!(mode() != "interpret-trap", "trapped on purpose in interpret");
        let judge = |(n, _): (usize, &Delivery)| {
            response.error_for_status()?;
            if mode() == "interpret-reject" && n % 2 == 1 {
                return Err(Failure::reject("not_interpreted", "rejected on purpose"));
            }
            Ok(json!({ "status": response.status, "batch": batch.len() }).into())
        };
        batch.iter().enumerate().map(judge).collect()
    }
}

fn mode() -> String {
    setting("mode").unwrap_or_default()
}

fn number(key: &str, default: usize) -> usize {
    setting(key).and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn spin() -> ! {
    loop {
        std::hint::black_box(());
    }
}
