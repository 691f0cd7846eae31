//! An ordinary `wasi:http` server, written with `wstd` as for any host; it knows nothing of Fanfare. The path segments
//! of the variable `MODE` say what it does.

use std::{env, time::Duration};

use wstd::{
    http::{Body, Client, Error, Request, Response, StatusCode, body::Bytes},
    task::sleep,
};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let mode = env::var("MODE").unwrap_or_default();
    let (mode, value) = mode.split_once(' ').unwrap_or((&mode, ""));
    match mode {
        // The request as received, so that a test sees all of it.
        "echo" | "" => echo(request).await,
        // `status 503`, `status 429 7`: the second is Retry-After.
        "status" => {
            let (status, after) = value.split_once(' ').unwrap_or((value, ""));
            let mut response = Response::builder().status(status.parse::<u16>()?);
            if !after.is_empty() {
                response = response.header("retry-after", after);
            }
            Ok(response.body("said the handler".into())?)
        }
        "text" => Ok(Response::new("delivered, thanks".into())),
        // `forward URL`: sends the body on, with an additional header.
        "forward" => {
            let (head, mut body) = request.into_parts();
            let data = body.contents().await?.to_vec();
            let forwarded = Request::post(value)
                .header("x-ce-type", head.headers["ce-type"].clone())
                .header("authorization", format!("Bearer {}", env::var("TOKEN").unwrap_or_default()))
                .body(Body::from(data))?;
            let response = Client::new().send(forwarded).await;
            match response {
                Ok(response) => Ok(Response::builder().status(response.status()).body(response.into_body())?),
                Err(error) => {
                    let status = StatusCode::BAD_GATEWAY;
                    Ok(Response::builder().status(status).body(format!("{error:#}").into())?)
                }
            }
        }
        "panic" => panic!("on purpose"),
        "error" => Err(Error::msg("on purpose")),
        "sleep" => {
            sleep(Duration::from_secs(3600).into()).await;
            Ok(Response::new("".into()))
        }
        // An endless body, as fast as possible.
        "endless" => {
            let chunk = Bytes::from(vec![b'x'; 64 << 10]);
            Ok(Response::new(Body::from_stream(futures_lite::stream::repeat(chunk))))
        }
        // A body that arrives a byte at a time, for an hour.
        "drip" => {
            let drops = futures_lite::stream::unfold((), |()| async {
                sleep(Duration::from_millis(20).into()).await;
                Some((Bytes::from_static(b"x"), ()))
            });
            Ok(Response::new(Body::from_stream(drops)))
        }
        other => Ok(Response::builder().status(400).body(format!("no such mode: {other}").into())?),
    }
}

async fn echo(request: Request<Body>) -> Result<Response<Body>, Error> {
    let (head, mut body) = request.into_parts();
    let body = String::from_utf8_lossy(body.contents().await?).into_owned();
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut headers: Vec<String> = vec![];
    for (name, value) in &head.headers {
        headers.push(format!("{}:{}", quoted(name.as_str()), quoted(value.to_str()?)));
    }
    let json = format!(
        "{{\"method\":{},\"uri\":{},\"headers\":{{{}}},\"body\":{}}}",
        quoted(head.method.as_str()),
        quoted(&head.uri.to_string()),
        headers.join(","),
        quoted(&body)
    );
    Ok(Response::builder().header("content-type", "application/json").body(json.into())?)
}
