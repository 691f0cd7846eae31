use fanfare_core::{Defaults, Rules};

use super::*;

fn template(name: &str, sources: &[(Part, &str, &str)]) -> Template {
    let source = |&(part, locale, text): &(Part, &str, &str)| {
        ((part, locale.to_owned()), Source { text: text.into(), file: None })
    };
    Template { name: name.to_owned(), sources: sources.iter().map(source).collect() }
}

fn set(templates: Vec<Template>) -> TemplateSet {
    TemplateSet::compile(templates, vec!["en".to_owned()]).unwrap()
}

fn event(json: &str) -> Arc<Event> {
    let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
    Arc::new(Event::from_simple(json.as_bytes(), defaults).unwrap())
}

fn ada() -> Recipient {
    Recipient {
        subject: "usr_1".to_owned(),
        email: Some("ada@example.com".to_owned()),
        locale: Some("pt-BR".to_owned()),
        attributes: serde_json::from_str(r#"{"name":"Ada","n":{"deep":1}}"#).unwrap(),
        ..Recipient::default()
    }
}

fn render_of(set: &TemplateSet, name: &str, events: &[Arc<Event>]) -> Result<Message, String> {
    let (recipient, rules) = (ada(), Rules { locale: Some("en".to_owned()), ..Rules::default() });
    let locales = rules.locales(recipient.locale.as_deref());
    let given = Given { events, recipient: Some(&recipient), locales: &locales, channel: "mail", delivery_id: "dlv_1" };
    set.render(name, &given).0.map_err(|error| error.to_string())
}

fn text_of(text: &str) -> Result<String, String> {
    let set = set(vec![template("t", &[(Part::Text, "", text)])]);
    let event =
        event(r#"{"type":"a","id":"e1","severity":"info","data":{"name":"<b>","list":[1,2,3],"zip code":"1"}}"#);
    render_of(&set, "t", &[event]).map(|message| message.text)
}

#[track_caller]
fn check(text: &str, want: &str) {
    assert_eq!(text_of(text).as_deref(), Ok(want), "{text}");
}

#[track_caller]
fn fails(text: &str, says: &str) {
    let said = text_of(text).unwrap_err();
    assert!(said.contains(says), "{text}: {said}");
}

#[test]
fn a_template_has_event_data_recipient_and_delivery() {
    check("{{ event.type }} {{ event.id }} {{ event.severity }}", "a e1 info");
    check("{{ data.name }} {{ data['zip code'] }} {{ data.list | join('-') }}", "<b> 1 1-2-3");
    check("{{ recipient.email }} {{ recipient.attributes.n.deep }} {{ recipient.locale }}", "ada@example.com 1 pt-BR");
    check("{{ channel }} {{ delivery_id }} {{ events | length }} {{ events[0].data.name }}", "mail dlv_1 1 <b>");
    check("{% if recipient.phone is defined %}call{% else %}write{% endif %}", "write");
    check("{{ data.coupon | default('none') }}", "none");
}

#[test]
fn html_is_escaped_and_a_subject_is_one_line() {
    let sources = [
        (Part::Subject, "", "Hi {{ data.name }}\r\nBcc: all@example.com\t!"),
        (Part::Text, "", "{{ data.name }}"),
        (Part::Html, "", "<p>{{ data.name }}</p>"),
    ];
    let event = event(r#"{"type":"a","data":{"name":"<b>\nX: y"}}"#);
    let message = render_of(&set(vec![template("t", &sources)]), "t", &[event]).unwrap();
    assert_eq!(message.subject, "Hi <b> X: y Bcc: all@example.com !");
    assert_eq!(message.text, "<b>\nX: y");
    assert_eq!(message.html, "<p>&lt;b&gt;\nX: y</p>");
}

#[test]
fn a_missing_value_is_reported_with_its_line() {
    fails("\n\n{{ data.nme }}", "the template `t` cannot be filled in: text, line 3: `data.nme` is missing");
    fails("{{ nobody.x }}", "`nobody` is missing");
    fails("{{ recipient.phone | list }}", "a variable is missing; if it is optional");
    for filter in ["tojson", "urlencode", "join", "escape", "e"] {
        fails(&format!("{{{{ recipient.phone | {filter} }}}}"), "a variable is missing: the value for `");
    }
    fails("{{ data.name.first.second }}", "is missing");
    fails("{% if data.coupon %}x{% endif %}", "write `{% if data.coupon is defined %}`");
    fails("{{ data.list[9] }}", "`data.list[9]` is missing");
    fails("{{ recipient.phone }}", "`recipient.phone` is missing");
    fails("{{ now() }}", "now is unknown; the functions are `range` and `dict`");
    fails("{{ data.name | nofilter }}", "filter nofilter is unknown");
}

#[test]
fn everything_is_bounded() {
    fails(
        "{% for x in range(9999) %}{% for y in range(9999) %}{% endfor %}{% endfor %}",
        "more work than a template may",
    );
    fails("{{ 'x' * 2000000 }}", "the result exceeds 1024 KiB");
    fails("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion limit");
    fails("{% include 't' %}", "recursion limit");
    fails("{% set ns = namespace(a=1) %}", "namespace is unknown");
    fails("{{ debug() }}", "debug is unknown");
    fails("{% include '/etc/' ~ 'passwd' %}", "a template that does not exist");
    fails("{% include '../' ~ 't' %}", "a template that does not exist");
    let secret = set(vec![template("t", &[(Part::Text, "", "{% include data.v %}")])]);
    let said = render_of(&secret, "t", &[event(r#"{"type":"a","data":{"v":"s3cret"}}"#)]).unwrap_err();
    assert!(!said.to_string().contains("s3cret"), "{said}");
    let set = set(vec![template("t", &[(Part::Subject, "", "{{ 'x' * 5000 }}")])]);
    assert!(render_of(&set, "t", &[event(r#"{"type":"a"}"#)]).unwrap_err().contains("exceeds 4 KiB"));
}

#[test]
fn the_language_is_the_recipient_s_then_the_default_then_any() {
    let of = |locales: &[&str]| {
        let sources: Vec<_> = locales.iter().map(|locale| (Part::Text, *locale, *locale)).collect();
        render_of(&set(vec![template("t", &sources)]), "t", &[event(r#"{"type":"a"}"#)]).map(|message| message.text)
    };
    assert_eq!(of(&["pt-br", "pt", "en", "de"]).as_deref(), Ok("pt-br"));
    assert_eq!(of(&["pt", "en", ""]).as_deref(), Ok("pt"));
    assert_eq!(of(&["de", "en", ""]).as_deref(), Ok("en"));
    assert_eq!(of(&["de", ""]).as_deref(), Ok(""));
    assert_eq!(of(&["de"]).unwrap_err(), "the template `t` has no text in pt-br, pt, en, and none without a language");
}

#[test]
fn templates_include_and_extend_each_other_in_the_same_part_and_language() {
    let set = set(vec![
        template(
            "t",
            &[
                (Part::Html, "pt", "{% extends 'base' %}{% block body %}{{ data.n }}{% endblock %}"),
                (Part::Text, "", "{% include 'foot' %}"),
            ],
        ),
        template("base", &[(Part::Html, "", "<h1>{% block body %}{% endblock %}</h1>{% include 'foot' %}")]),
        template("foot", &[(Part::Html, "en", "<hr>"), (Part::Text, "", "--")]),
    ]);
    let message = render_of(&set, "t", &[event(r#"{"type":"a","data":{"n":"<"}}"#)]).unwrap();
    assert_eq!((message.html.as_str(), message.text.as_str()), ("<h1>&lt;</h1><hr>", "--"));
    let unknown = render_of(&set, "nope", &[]).unwrap_err();
    assert_eq!(unknown, "there is no template `nope`; the templates are base, foot, t");
}

#[test]
fn a_batch_has_all_its_events() {
    let set = set(vec![template(
        "t",
        &[(Part::Text, "", "{% for e in events %}{{ e.event.id }}:{{ e.data.n }} {% endfor %}")],
    )]);
    let events: Vec<_> = (1..4).map(|n| event(&format!(r#"{{"type":"a","id":"e{n}","data":{{"n":{n}}}}}"#))).collect();
    assert_eq!(render_of(&set, "t", &events).unwrap().text, "e1:1 e2:2 e3:3 ");
}

#[test]
fn a_template_that_does_not_compile_says_where() {
    let templates = vec![template("t", &[(Part::Text, "", "fine\n{{ a b }}"), (Part::Html, "de", "{% if %}")])];
    let wrong = TemplateSet::compile(templates, vec![]).unwrap_err();
    let said: Vec<_> =
        wrong.iter().map(|wrong| (wrong.part, wrong.locale.as_str(), wrong.line, wrong.at.start)).collect();
    assert_eq!(said, [(Part::Text, "", 2, 10), (Part::Html, "de", 1, 6)]);
    assert!(wrong[0].reason.contains("unexpected identifier"), "{wrong:?}");
}
