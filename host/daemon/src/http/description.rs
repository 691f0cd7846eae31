//! `GET /openapi.json`: the interface, for programs.

use std::sync::LazyLock;

use axum::{Extension, extract::Request, response::Response};
use http::StatusCode;

use super::{body, problem::Problem, query};

/// The route's id.
pub(super) const ID: &str = "getOpenApi";

/// The text of the document. It is made from the table of routes, which this handler is part of, so it is passed in.
#[derive(Clone, Copy)]
pub(super) struct Description(pub(super) &'static LazyLock<String>);

pub(super) async fn show(
    Extension(Description(text)): Extension<Description>,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    Ok(body::json_text(StatusCode::OK, String::clone(text)))
}
