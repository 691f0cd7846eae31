use super::*;

use http_body_util::Full;
use hyper_util::{client::legacy, rt::TokioExecutor};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = r#"{"specversion":"1.0","id":"e-1","type":"user.signup"}"#;

fn key() -> SigningKey {
    SigningKey::parse(SECRET).unwrap()
}

/// What is sent, and the expected report: status, signature, times.
struct Case {
    id: &'static str,
    headers: Vec<(&'static str, String)>,
    want: (u16, Signature, u64),
}

/// The headers of a delivery that was signed `age` seconds ago.
fn signed(id: &str, body: &str, age: i64) -> Vec<(&'static str, String)> {
    let at = SystemClock.now().as_second() - age;
    vec![(webhook::TIMESTAMP, at.to_string()), (webhook::SIGNATURE, webhook::sign(&[key()], id, at, body.as_bytes()))]
}

async fn post(address: SocketAddr, path: &str, headers: &[(&str, String)]) -> StatusCode {
    let client = legacy::Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::post(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    client.request(request.body(Full::new(Bytes::from(BODY))).unwrap()).await.unwrap().status()
}

async fn check(options: ReceiverOptions, cases: Vec<Case>) {
    let mut receiver = Receiver::start(([127, 0, 0, 1], 0).into(), options).await.unwrap();
    for Case { id, mut headers, want } in cases {
        headers.push((webhook::ID, id.to_owned()));
        let status = post(receiver.address, "/hook", &headers).await;
        let received = receiver.deliveries.recv().await.unwrap();
        assert_eq!((status.as_u16(), received.signature, received.times), want, "{id} {headers:?}");
        assert_eq!(received.answered, want.0);
        assert_eq!(received.webhook_id.as_deref(), Some(id));
        assert_eq!((received.event_type.as_deref(), received.event_id.as_deref()), (Some("user.signup"), Some("e-1")));
        assert_eq!(received.size, BODY.len());
    }
}

fn invalid(reason: impl ToString) -> Signature {
    Signature::Invalid { reason: reason.to_string() }
}

#[tokio::test]
async fn only_correctly_signed_deliveries_are_accepted() {
    let options = ReceiverOptions { keys: vec![key()], ..ReceiverOptions::default() };
    let forged = webhook::VerifyError::Signature;
    let old = webhook::VerifyError::Timestamp;
    let unstamped = vec![(webhook::SIGNATURE, "v1,AAAA".to_owned())];
    let cases = vec![
        Case { id: "a", headers: signed("a", BODY, 0), want: (204, Signature::Verified, 1) },
        Case { id: "b", headers: vec![], want: (401, Signature::Unsigned, 1) },
        Case { id: "c", headers: signed("c", "other body", 0), want: (401, invalid(forged), 1) },
        Case { id: "d", headers: signed("other id", BODY, 0), want: (401, invalid(forged), 1) },
        Case { id: "e", headers: signed("e", BODY, 301), want: (401, invalid(old), 1) },
        Case { id: "f", headers: unstamped, want: (401, invalid("there is no `webhook-timestamp` in seconds"), 1) },
        Case { id: "a", headers: signed("a", BODY, 0), want: (204, Signature::Verified, 2) },
    ];
    check(options, cases).await;
}

#[tokio::test]
async fn without_a_key_signatures_are_reported_but_not_verified() {
    let cases = vec![
        Case { id: "a", headers: signed("a", BODY, 0), want: (204, Signature::Unchecked, 1) },
        Case { id: "a", headers: vec![], want: (204, Signature::Unsigned, 2) },
    ];
    check(ReceiverOptions::default(), cases).await;
}

#[tokio::test]
async fn the_first_deliveries_fail_as_requested_and_the_next_succeed() {
    let answers = [503, 503, 204, 204];
    let case = |answer, times| Case { id: "a", headers: vec![], want: (answer, Signature::Unsigned, times) };
    let cases = answers.into_iter().zip(1..).map(|(answer, times)| case(answer, times)).collect();
    check(ReceiverOptions { fail_first: 2, ..ReceiverOptions::default() }, cases).await;

    let status = Some(StatusCode::GONE);
    let cases = vec![case(410, 1), case(204, 2)];
    check(ReceiverOptions { fail_first: 1, status, ..ReceiverOptions::default() }, cases).await;
    let cases = vec![case(410, 1), case(410, 2)];
    check(ReceiverOptions { status, ..ReceiverOptions::default() }, cases).await;
}

#[tokio::test]
async fn an_invalid_delivery_does_not_use_up_a_failure() {
    let options = ReceiverOptions { keys: vec![key()], fail_first: 1, ..ReceiverOptions::default() };
    let cases = vec![
        Case { id: "a", headers: vec![], want: (401, Signature::Unsigned, 1) },
        Case { id: "b", headers: signed("b", BODY, 0), want: (503, Signature::Verified, 1) },
        Case { id: "b", headers: signed("b", BODY, 0), want: (204, Signature::Verified, 2) },
    ];
    check(options, cases).await;
}

#[tokio::test]
async fn requests_to_other_paths_are_rejected_and_not_reported() {
    let mut receiver = Receiver::start(([127, 0, 0, 1], 0).into(), ReceiverOptions::default()).await.unwrap();
    assert_eq!(post(receiver.address, "/elsewhere", &[]).await, StatusCode::NOT_FOUND);
    let client = legacy::Client::builder(TokioExecutor::new()).build_http();
    let get = Request::get(format!("http://{}/hook", receiver.address)).body(Full::new(Bytes::new())).unwrap();
    let response = client.request(get).await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "POST");
    assert!(receiver.deliveries.try_recv().is_err());
}

#[test]
fn a_binary_mode_event_is_read_from_its_headers_and_ids_are_bounded() {
    let (sender, _deliveries) = mpsc::channel(1);
    let desk = Desk { options: ReceiverOptions::default(), sender, seen: Mutex::default() };
    let mut headers = HeaderMap::new();
    headers.insert("ce-type", "order.paid".parse().unwrap());
    headers.insert("ce-id", "o-7".parse().unwrap());
    let received = desk.judge(&headers, &Bytes::from_static(b"not json"), Timestamp::UNIX_EPOCH);
    assert_eq!((received.event_type.as_deref(), received.event_id.as_deref()), (Some("order.paid"), Some("o-7")));

    let mut seen = Seen::default();
    for n in 0..MOST_IDS + 10 {
        assert_eq!(seen.count(&n.to_string()), 1);
    }
    assert!(seen.times.len() <= MOST_IDS);
}
