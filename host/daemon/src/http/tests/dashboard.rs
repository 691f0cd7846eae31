use axum::body::Body;

use super::support::{Answer, Fixture, close, request};

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

async fn get(fixture: &Fixture, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = request("GET", path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    fixture.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_browser_gets_the_page_and_a_program_gets_the_calls() {
    let fixture = Fixture::new(&[]).await;
    let page = get(&fixture, "/", &[BROWSER]).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.body.starts_with(b"<!doctype html>"));
    for accept in [&[][..], &[("accept", "*/*")], &[("accept", "application/json")]] {
        let text = get(&fixture, "/", accept).await;
        assert!(text.body.starts_with(b"Fanfare\n") && text.header("vary").contains("accept"), "{accept:?}");
    }
    close(fixture).await;
}

#[tokio::test]
async fn nothing_but_its_own_files_may_run_on_the_page() {
    let fixture = Fixture::new(&[]).await;
    for path in ["/", "/dashboard.js", "/dashboard.css", "/dashboard.svg"] {
        let file = get(&fixture, path, &[BROWSER]).await;
        assert_eq!(file.status, 200, "{path}");
        let policy = file.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(file.header(name), value, "{path}: {name}");
        }
    }
    // A policy without `unsafe-inline` lets none of these do anything; better that there are none.
    let page = get(&fixture, "/", &[BROWSER]).await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    for inline in ["<style", " style=", " onload=", "<script>", "http://", "https://"] {
        assert!(!page.contains(inline), "{inline}");
    }
    close(fixture).await;
}

#[tokio::test]
async fn a_link_on_another_page_leads_to_the_dashboard_and_to_nothing_else() {
    let fixture = Fixture::new(&[]).await;
    let link =
        [BROWSER, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert_eq!(get(&fixture, "/", &link).await.status, 200);
    assert_eq!(get(&fixture, "/v1/stats", &link).await.status, 403);
    let frame = [link[0], link[1], link[2], ("sec-fetch-dest", "iframe")];
    assert_eq!(get(&fixture, "/", &frame).await.status, 403);
    let script = [link[0], link[1], ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    assert_eq!(get(&fixture, "/", &script).await.status, 403);
    let elsewhere = http::Request::get("/").header("host", "evil.example").header("accept", "text/html");
    let elsewhere = link[1..].iter().fold(elsewhere, |request, (name, value)| request.header(*name, *value));
    assert_eq!(fixture.send(elsewhere.body(Body::empty()).unwrap()).await.status, 421);
    close(fixture).await;
}

#[tokio::test]
async fn a_file_is_sent_packed_and_once() {
    let fixture = Fixture::new(&[]).await;
    let plain = get(&fixture, "/dashboard.js", &[]).await;
    let packed = get(&fixture, "/dashboard.js", &[("accept-encoding", "gzip, deflate, br")]).await;
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"));
    assert!(packed.header("vary").contains("accept-encoding"));
    assert!(packed.body.len() * 2 < plain.body.len());
    let mut unpacked = Vec::new();
    std::io::copy(&mut flate2::read::GzDecoder::new(&packed.body[..]), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let etag = packed.header("etag").to_owned();
    for known in [etag.clone(), format!("\"other\", W/{etag}")] {
        let again = get(&fixture, "/dashboard.js", &[("if-none-match", &known)]).await;
        assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, etag.as_str()));
    }
    assert_eq!(get(&fixture, "/dashboard.js", &[("if-none-match", "\"other\"")]).await.status, 200);
    close(fixture).await;
}

/// What a browser loads before it shows anything.
#[tokio::test]
async fn all_of_it_is_less_than_two_hundred_kilobytes() {
    let fixture = Fixture::new(&[]).await;
    let mut bytes = 0;
    for path in ["/", "/dashboard.js", "/dashboard.css", "/dashboard.svg"] {
        bytes += get(&fixture, path, &[BROWSER, ("accept-encoding", "gzip")]).await.body.len();
    }
    assert!((1..200_000).contains(&bytes), "{bytes} bytes");
    close(fixture).await;
}
