//! Sends each event as a message to a Matrix room.

const std = @import("std");
const c = @import("fanfare");
const message = @import("message.zig");

/// `Failed` means that the failure is set. Running out of memory ends the attempt, as the host's own limit would.
const Error = error{Failed} || std.mem.Allocator.Error;

export fn fanfare_deliver(
    delivery: *const c.fanfare_delivery,
    receipt: *c.fanfare_string,
    failure: *c.fanfare_failure,
) bool {
    const answer = deliver(delivery, failure) catch |err| switch (err) {
        error.Failed => return false,
        error.OutOfMemory => @trap(),
    };
    receipt.* = text(answer);
    return true;
}

const Settings = struct {
    homeserver: []const u8,
    room: []const u8,
    token: []const u8,
    kind: []const u8,
    with_data: bool,

    fn read(delivery: *const c.fanfare_delivery, failure: *c.fanfare_failure) Error!Settings {
        const settings: Settings = .{
            .homeserver = std.mem.trimEnd(u8, try needed(delivery, "homeserver", failure), "/"),
            .room = try needed(delivery, "room", failure),
            .token = try needed(delivery, "token", failure),
            .kind = slice(c.fanfare_setting_or("msgtype", "m.text")),
            .with_data = try flag(delivery, "data", failure),
        };
        if (settings.room[0] != '!' and settings.room[0] != '#') {
            return bad(delivery, "room", "is neither a room id (!…) nor an alias (#…)", failure);
        }
        if (!std.mem.eql(u8, settings.kind, "m.text") and !std.mem.eql(u8, settings.kind, "m.notice")) {
            return bad(delivery, "msgtype", "is neither `m.text` nor `m.notice`", failure);
        }
        return settings;
    }
};

fn deliver(delivery: *const c.fanfare_delivery, failure: *c.fanfare_failure) Error![]const u8 {
    const settings: Settings = try .read(delivery, failure);
    const room = if (settings.room[0] == '#') try resolve(settings, failure) else settings.room;

    // The transaction id: the homeserver creates one message for all requests with the same id.
    const path = try allocator.print("rooms/{s}/send/m.room.message/{s}", .{
        try encode(room), try encode(slice(delivery.id)),
    });
    const Sent = struct { event_id: []const u8 };
    const sent = try call(Sent, settings, "PUT", path, try content(settings, &delivery.event, failure), failure);
    return json(.{ .event_id = sent.event_id, .room_id = room });
}

/// Resolves an alias to the id of its room.
fn resolve(settings: Settings, failure: *c.fanfare_failure) Error![]const u8 {
    const path = try allocator.print("directory/room/{s}", .{try encode(settings.room)});
    const Directory = struct { room_id: []const u8 };
    return (try call(Directory, settings, "GET", path, "", failure)).room_id;
}

fn content(settings: Settings, event: *const c.fanfare_event, failure: *c.fanfare_failure) Error![]const u8 {
    const template = c.fanfare_setting("template");
    if (template.ptr != null) return templated(settings, template, failure);
    const has_data = settings.with_data and c.fanfare_data_is_text(event);
    const parts: message.Parts = .{
        .kind = slice(event.type),
        .source = slice(event.source),
        .subject = slice(c.fanfare_attribute(event, "subject")),
        .message = slice(c.fanfare_attribute(event, "message")),
        .severity = slice(c.fanfare_attribute(event, "severity")),
        .data = if (has_data) slice(c.fanfare_data(event)) else "",
    };
    return json(.{
        .msgtype = settings.kind,
        .body = try message.plain(allocator, parts),
        .format = "org.matrix.custom.html",
        .formatted_body = try message.html(allocator, parts),
    });
}

fn templated(settings: Settings, template: c.fanfare_string, failure: *c.fanfare_failure) Error![]const u8 {
    var parts: c.fanfare_message = .{};
    if (!c.fanfare_render(template, &parts, failure)) return error.Failed;
    const made = try message.rendered(allocator, slice(parts.subject), slice(parts.text), slice(parts.html)) orelse {
        _ = c.fanfare_reject(failure, "template", c.fanfare_text("the template comes to an empty message"));
        return error.Failed;
    };
    const markup = made.html orelse return json(.{ .msgtype = settings.kind, .body = made.body });
    return json(.{
        .msgtype = settings.kind,
        .body = made.body,
        .format = "org.matrix.custom.html",
        .formatted_body = markup,
    });
}

/// One call of the client-server API. Anything but a 2xx with the expected body is a failure.
fn call(
    Answer: type,
    settings: Settings,
    method: [*:0]const u8,
    path: []const u8,
    body: []const u8,
    failure: *c.fanfare_failure,
) Error!Answer {
    const url = try allocator.print("{s}/_matrix/client/v3/{s}", .{ settings.homeserver, path });
    var request: c.fanfare_request = .{ .method = c.fanfare_text(method), .url = text(url) };
    const authorization = try allocator.print("Bearer {s}", .{settings.token});
    c.fanfare_add_header(&request, "authorization", text(authorization));
    if (body.len > 0) c.fanfare_add_header(&request, "content-type", c.fanfare_text("application/json"));
    c.fanfare_set_body(&request, text(body));

    var response: c.fanfare_response = .{};
    if (!c.fanfare_send(&request, &response, failure)) return error.Failed;
    if (!c.fanfare_check_status(&response, failure)) {
        try explain(&response, failure);
        return error.Failed;
    }
    return parse(Answer, &response) orelse {
        // Probably a proxy in front of the homeserver.
        _ = c.fanfare_retry(failure, "invalid_response", c.fanfare_text("the answer is not that of a homeserver"));
        return error.Failed;
    };
}

/// Adds the homeserver's own error to the failure, if it sent one.
fn explain(response: *const c.fanfare_response, failure: *c.fanfare_failure) Error!void {
    const Problem = struct { errcode: []const u8, @"error": []const u8 = "", retry_after_ms: ?u64 = null };
    const problem = parse(Problem, response) orelse return;
    const code = try message.code(allocator, problem.errcode);
    const why = if (problem.@"error".len > 0) text(problem.@"error") else failure.message;
    const known = std.StaticStringMap(enum { limited, revoked, never }).initComptime(.{
        .{ "m_limit_exceeded", .limited },
        .{ "m_unknown_token", .revoked },
        .{ "m_missing_token", .revoked },
        .{ "m_user_deactivated", .revoked },
        .{ "m_user_locked", .revoked },
        .{ "m_user_suspended", .revoked },
        .{ "m_unrecognized", .never },
    });
    failure.code = c.fanfare_text(code);
    failure.message = why;
    _ = switch (known.get(code) orelse return) {
        .limited => c.fanfare_retry_after(failure, problem.retry_after_ms orelse return, code, why),
        // Every event fails until an operator gives the channel another token.
        .revoked => c.fanfare_suspend(failure, code, why),
        .never => c.fanfare_reject(failure, code, why),
    };
}

// Conversions to and from C

fn text(value: []const u8) c.fanfare_string {
    // The bindings have no const. Nothing writes to it.
    return .{ .ptr = @constCast(value.ptr), .len = value.len };
}

fn slice(value: c.fanfare_string) []const u8 {
    return if (value.len > 0) value.ptr[0..value.len] else "";
}

fn needed(delivery: *const c.fanfare_delivery, key: [*:0]const u8, failure: *c.fanfare_failure) Error![]const u8 {
    var value: c.fanfare_string = .{};
    if (!c.fanfare_needed_setting(delivery, key, &value, failure)) return error.Failed;
    return slice(value);
}

/// A boolean setting. The default is false.
fn flag(delivery: *const c.fanfare_delivery, key: [*:0]const u8, failure: *c.fanfare_failure) Error!bool {
    const value = c.fanfare_setting_or(key, "false");
    if (c.fanfare_is(value, "true")) return true;
    if (c.fanfare_is(value, "false")) return false;
    return bad(delivery, key, "is neither true nor false", failure);
}

fn bad(
    delivery: *const c.fanfare_delivery,
    key: [*:0]const u8,
    problem: [*:0]const u8,
    failure: *c.fanfare_failure,
) Error {
    _ = c.fanfare_bad_setting(delivery, key, problem, failure);
    return error.Failed;
}

fn encode(value: []const u8) Error![]const u8 {
    var buffer: c.fanfare_buffer = .{};
    c.fanfare_add_encoded(&buffer, text(value));
    return slice(c.fanfare_built(&buffer));
}

fn json(value: anytype) Error![]const u8 {
    return std.json.Stringify.valueAlloc(allocator, value, .{});
}

fn parse(T: type, response: *const c.fanfare_response) ?T {
    const body = slice(c.fanfare_body(response));
    return std.json.parseFromSliceLeaky(T, allocator, body, .{ .ignore_unknown_fields = true }) catch null;
}

/// Memory that the SDK frees at the end of the delivery.
const allocator: std.mem.Allocator = .{
    .ptr = undefined,
    .vtable = &.{
        .alloc = struct {
            fn alloc(_: *anyopaque, len: usize, _: std.mem.Alignment, _: usize) ?[*]u8 {
                return @ptrCast(c.fanfare_alloc(len));
            }
        }.alloc,
        .resize = std.mem.Allocator.noResize,
        .remap = std.mem.Allocator.noRemap,
        .free = std.mem.Allocator.noFree,
    },
};
