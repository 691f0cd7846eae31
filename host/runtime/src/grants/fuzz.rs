//! Grants against a model of what may be reached. The model knows hosts by identity and never sees how a URL or a grant
//! spells them. It knows a path by its segments, and whether a server might read one of them as `..`.

use proptest::{prelude::*, sample::select};

use super::*;

/// A host, and whether it is private. Names are listed top-down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Example,
    Api,
    DeepApi,
    /// Ends like `Example`, but is not below it.
    Lookalike,
    Localhost,
    Loopback,
    Office,
    Dns,
    LoopbackV6,
    DnsV6,
}

use Place::{Api, DeepApi, Dns, DnsV6, Example, Localhost, Lookalike, Loopback, LoopbackV6, Office};

const PLACES: &[Place] = &[Example, Api, DeepApi, Lookalike, Localhost, Loopback, Office, Dns, LoopbackV6, DnsV6];

impl Place {
    /// The first spelling is also the one used in grants.
    fn spellings(self) -> &'static [&'static str] {
        match self {
            Example => &["example.com", "EXAMPLE.com", "example.com.", "Example.Com."],
            Api => &["api.example.com", "API.Example.COM", "api.example.com."],
            DeepApi => &["v1.api.example.com", "V1.API.EXAMPLE.COM."],
            Lookalike => &["evilexample.com", "EvilExample.com."],
            Localhost => &["localhost", "LOCALHOST", "localhost."],
            Loopback => &[
                "127.0.0.1",
                "127.1",
                "0x7f.1",
                "0177.0.0.1",
                "2130706433",
                "0x7f000001",
                "127.0.1",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "127.0.0.1.",
                "0X7F.0.0.0x1",
                "00000177.1",
            ],
            Office => &["10.0.0.7", "10.7", "0xa.0.0.7", "012.0.0.07", "167772167", "[::ffff:a00:7]", "10.0.0.7."],
            Dns => &["8.8.8.8", "8.8.2056", "0x8.0x8.0x8.0x8", "134744072", "[::ffff:8.8.8.8]", "8.8.8.8."],
            LoopbackV6 => &["[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]"],
            DnsV6 => &["[2606:4700::1111]", "[2606:4700:0:0::1111]", "[2606:4700:0000::1111]"],
        }
    }

    fn is_name(self) -> bool {
        matches!(self, Example | Api | DeepApi | Lookalike | Localhost)
    }

    fn is_private_address(self) -> bool {
        matches!(self, Loopback | Office | LoopbackV6)
    }

    fn is_below(self, above: Self) -> bool {
        matches!((self, above), (Api | DeepApi, Example) | (DeepApi, Api))
    }
}

#[derive(Clone, Copy, Debug)]
enum Pattern {
    Any,
    Below(Place),
    Exactly(Place),
}

#[derive(Clone, Debug)]
struct Grant {
    methods: Vec<&'static str>,
    pattern: Pattern,
    port: Option<u16>,
    /// Segments, and whether a slash follows.
    path: Option<(Vec<&'static str>, bool)>,
}

const METHODS: &[&str] = &["GET", "POST", "DELETE"];
const PORTS: &[u16] = &[80, 443, 8080, 9000];
const OWN: u16 = 8080;
const PARTS: &[&str] = &["v1", "v10", "admin", "a;b=1", "..a", ".well-known", "a%20b", "100%25"];
/// Segments that some server reads as the parent.
const UPWARDS: &[&str] =
    &["..", ".", "%2e%2e", ".%2E", "..;x", "..%3b", "..%00", "%252e%252e", "..%2f", "x%5c..", "%c0%ae%c0%ae", "..%20"];

#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    secure: bool,
    place: Place,
    spelled: usize,
    port: Option<u16>,
    path: Vec<&'static str>,
    query: bool,
}

impl Grant {
    fn text(&self) -> String {
        let mut text = self.methods.join(",");
        if !text.is_empty() {
            text.push(' ');
        }
        text += &match self.pattern {
            Pattern::Any => "*".to_owned(),
            Pattern::Below(place) => format!("*.{}", place.spellings()[0]),
            Pattern::Exactly(place) => place.spellings()[0].to_owned(),
        };
        if let Some(port) = self.port {
            text += &format!(":{port}");
        }
        if let Some((parts, folder)) = &self.path {
            text += &parts.iter().map(|part| format!("/{part}")).collect::<String>();
            text += if *folder || parts.is_empty() { "/" } else { "" };
        }
        text
    }

    fn covers(&self, request: &Request) -> bool {
        let place = match self.pattern {
            Pattern::Any => true,
            Pattern::Below(above) => request.place.is_below(above),
            Pattern::Exactly(place) => request.place == place,
        };
        let path = self.path.as_ref().is_none_or(|(parts, folder)| {
            let climbs = request.path.iter().any(|part| UPWARDS.contains(part));
            let inside = request.path.starts_with(parts);
            !climbs && inside && (request.path.len() > parts.len() || !folder || parts.is_empty())
        });
        let method = self.methods.is_empty() || self.methods.contains(&request.method);
        place && path && method && self.port.is_none_or(|port| port == request.real_port())
    }
}

impl Request {
    fn real_port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }

    fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let spellings = self.place.spellings();
        let host = spellings[self.spelled % spellings.len()];
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let path: String = self.path.iter().map(|part| format!("/{part}")).collect();
        let path = if path.is_empty() { "/".to_owned() } else { path };
        format!("{scheme}://{host}{port}{path}{}", if self.query { "?x=/../y" } else { "" })
    }
}

/// What a request may reach according to SECURITY.md: nothing without a grant; private addresses only if the operator
/// enabled the private network or wrote that exact address (or `localhost`); our own API only if its port was written.
fn model(grants: &[Grant], private_network: bool, request: &Request) -> Option<Reach> {
    let covering: Vec<_> = grants.iter().filter(|grant| grant.covers(request)).collect();
    if covering.is_empty() {
        return None;
    }
    let named =
        |grant: &&Grant| matches!(grant.pattern, Pattern::Exactly(place) if !place.is_name() || place == Localhost);
    let ourselves = request.real_port() == OWN && covering.iter().all(|grant| grant.port.is_none());
    let opened = !ourselves && (private_network || covering.iter().any(named));
    match (opened, request.place.is_private_address()) {
        (true, _) => Some(Reach::Anywhere),
        (false, true) => None,
        (false, false) => Some(Reach::Public),
    }
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let place = || select(PLACES);
    prop_oneof![
        1 => Just(Pattern::Any),
        2 => select(&[Example, Api][..]).prop_map(Pattern::Below),
        5 => place().prop_map(Pattern::Exactly),
    ]
}

fn grant() -> impl Strategy<Value = Grant> {
    let methods = prop::sample::subsequence(METHODS, 0..3);
    let plain: Vec<_> = PARTS.iter().copied().filter(|part| !part.contains('%')).collect();
    let path = prop::option::of((prop::collection::vec(select(plain), 0..3), any::<bool>()));
    (methods, pattern(), prop::option::of(select(PORTS)), path).prop_map(|(methods, pattern, port, path)| Grant {
        methods,
        pattern,
        port,
        path,
    })
}

fn request() -> impl Strategy<Value = Request> {
    let part = prop_oneof![6 => select(PARTS), 1 => select(UPWARDS)];
    (
        select(METHODS),
        any::<bool>(),
        select(PLACES),
        any::<usize>(),
        prop::option::of(select(PORTS)),
        prop::collection::vec(part, 0..4),
        any::<bool>(),
    )
        .prop_map(|(method, secure, place, spelled, port, path, query)| Request {
            method,
            secure,
            place,
            spelled,
            port,
            path,
            query,
        })
}

proptest! {
    #[test]
    fn fuzz_grants_allow_what_the_model_allows(
        list in prop::collection::vec(grant(), 0..4),
        private_network in any::<bool>(),
        request in request(),
    ) {
        let http = list.iter().map(|grant| HttpGrant::parse(&grant.text()).unwrap()).collect();
        let grants = Grants { http, private_network, ..Grants::default() };
        let uri: Uri = request.url().parse().unwrap();
        let method: Method = request.method.parse().unwrap();
        let got = grants.check(&method, &uri, Some(OWN), "channels.hook");
        let want = model(&list, private_network, &request);
        prop_assert_eq!(got.as_ref().ok(), want.as_ref(), "{} under {:?}: {:?}", request.url(), list, got);
        if let Err(Refusal::Denied(message)) = got {
            prop_assert!(message.contains("channels.hook.grant"), "{}", message);
        }
    }

    /// Adding what a refusal names makes the request possible.
    #[test]
    fn fuzz_a_refusal_says_what_to_add(request in request()) {
        let uri: Uri = request.url().parse().unwrap();
        let method: Method = request.method.parse().unwrap();
        let Err(Refusal::Denied(message)) = Grants::default().check(&method, &uri, Some(OWN), "channels.hook") else {
            return Err(TestCaseError::fail("granted by nothing"));
        };
        let named = message.split('"').nth(1).unwrap();
        let http = vec![HttpGrant::parse(named).unwrap()];
        let grants = Grants { http, ..Grants::default() };
        prop_assert!(grants.check(&method, &uri, Some(OWN), "channels.hook").is_ok(), "{}", message);
    }

    /// No grant or URL causes a panic, and what is accepted reads back as itself.
    #[test]
    fn fuzz_grants_of_any_text(grant in "(GET|POST,PUT|get)?( )?[a-zA-Z0-9*.:\\[\\]@%/_-]{0,40}", url in "\\PC{0,60}") {
        if let Ok(parsed) = HttpGrant::parse(&grant) {
            let text = parsed.to_string();
            prop_assert_eq!(HttpGrant::parse(&text).unwrap().to_string(), text);
            if let Ok(uri) = url.parse::<Uri>() {
                let grants = Grants { http: vec![parsed], ..Grants::default() };
                let _either = grants.check(&Method::GET, &uri, None, "channels.hook");
            }
        }
    }
}
