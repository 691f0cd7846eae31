//! The text of the message. Plain Zig without the host, so that it can be tested anywhere.

const std = @import("std");
const Allocator = std.mem.Allocator;
const Writer = std.Io.Writer;

pub const Parts = struct {
    kind: []const u8,
    source: []const u8,
    subject: []const u8 = "",
    message: []const u8 = "",
    severity: []const u8 = "",
    data: []const u8 = "",
};

/// A Matrix event has at most 64 KiB and contains the data twice.
const most_data = 8 * 1024;
const most_text = 2 * 1024;

pub fn plain(allocator: Allocator, parts: Parts) Allocator.Error![]const u8 {
    var out: Writer.Allocating = .init(allocator);
    writePlain(&out.writer, parts) catch return error.OutOfMemory;
    return out.toOwnedSlice();
}

pub fn html(allocator: Allocator, parts: Parts) Allocator.Error![]const u8 {
    var out: Writer.Allocating = .init(allocator);
    writeHtml(&out.writer, parts) catch return error.OutOfMemory;
    return out.toOwnedSlice();
}

/// A message from a template. Clients without HTML show `body`.
pub const Rendered = struct { body: []const u8, html: ?[]const u8 };

/// The subject is a separate line before the text, bold in the HTML. Null if the template has neither.
pub fn rendered(
    allocator: Allocator,
    subject: []const u8,
    text: []const u8,
    markup: []const u8,
) Allocator.Error!?Rendered {
    var body: Writer.Allocating = .init(allocator);
    var formatted: Writer.Allocating = .init(allocator);
    writeRendered(&body.writer, &formatted.writer, subject, text, markup) catch return error.OutOfMemory;
    const plain_text = try body.toOwnedSlice();
    const html_text = try formatted.toOwnedSlice();
    if (plain_text.len == 0 and html_text.len == 0) return null;
    // The body is required. If a template has only HTML, there is nothing better.
    return .{
        .body = if (plain_text.len > 0) plain_text else markup,
        .html = if (html_text.len > 0) html_text else null,
    };
}

fn writeRendered(body: *Writer, formatted: *Writer, subject: []const u8, text: []const u8, markup: []const u8) Writer.Error!void {
    try body.writeAll(subject);
    if (subject.len > 0 and text.len > 0) try body.writeByte('\n');
    try body.writeAll(text);
    if (markup.len == 0) return;
    if (subject.len > 0) try formatted.print("<strong>{f}</strong><br>", .{escaped(subject)});
    try formatted.writeAll(markup);
}

/// A Matrix error code in our form: `M_LIMIT_EXCEEDED` becomes `m_limit_exceeded`.
pub fn code(allocator: Allocator, errcode: []const u8) Allocator.Error![:0]const u8 {
    const ours = try allocator.dupeSentinel(u8, errcode[0..@min(errcode.len, 60)], 0);
    for (ours) |*byte| byte.* = if (std.ascii.isAlphanumeric(byte.*)) std.ascii.toLower(byte.*) else '_';
    return ours;
}

fn writePlain(w: *Writer, parts: Parts) Writer.Error!void {
    if (parts.severity.len > 0) try w.print("[{s}] ", .{cut(parts.severity, 64)});
    try w.print("{s}\n{s} from {s}", .{ title(parts), cut(parts.kind, most_text), cut(parts.source, most_text) });
    if (parts.subject.len > 0) try w.print(", {s}", .{cut(parts.subject, most_text)});
    if (parts.data.len > 0) try w.print("\n{s}{s}", .{ cut(parts.data, most_data), ellipsis(parts.data) });
}

fn writeHtml(w: *Writer, parts: Parts) Writer.Error!void {
    if (parts.severity.len > 0) try w.print("[{f}] ", .{escaped(cut(parts.severity, 64))});
    try w.print("<strong>{f}</strong><br><code>{f}</code> from {f}", .{
        escaped(title(parts)), escaped(cut(parts.kind, most_text)), escaped(cut(parts.source, most_text)),
    });
    if (parts.subject.len > 0) try w.print(", {f}", .{escaped(cut(parts.subject, most_text))});
    if (parts.data.len > 0) {
        try w.print("<pre><code>{f}{s}</code></pre>", .{ escaped(cut(parts.data, most_data)), ellipsis(parts.data) });
    }
}

fn title(parts: Parts) []const u8 {
    return cut(if (parts.message.len > 0) parts.message else parts.kind, most_text);
}

fn ellipsis(data: []const u8) []const u8 {
    return if (data.len > most_data) "…" else "";
}

/// Truncates text to a number of bytes, without splitting a character.
fn cut(text: []const u8, most: usize) []const u8 {
    if (text.len <= most) return text;
    var end = most;
    while (text[end] & 0xc0 == 0x80) end -= 1;
    return text[0..end];
}

fn escaped(text: []const u8) std.fmt.Alt([]const u8, writeEscaped) {
    return .{ .data = text };
}

fn writeEscaped(text: []const u8, w: *Writer) Writer.Error!void {
    for (text) |byte| switch (byte) {
        '&' => try w.writeAll("&amp;"),
        '<' => try w.writeAll("&lt;"),
        '>' => try w.writeAll("&gt;"),
        '"' => try w.writeAll("&quot;"),
        else => try w.writeByte(byte),
    };
}

test "a message contains the parts that the event has" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const all: Parts = .{
        .kind = "order.paid",
        .source = "/shop",
        .subject = "o-1",
        .message = "5 < 6 & \"ö\"",
        .severity = "warn",
        .data = "{\"a\":1}",
    };
    try std.testing.expectEqualStrings(
        "[warn] 5 < 6 & \"ö\"\norder.paid from /shop, o-1\n{\"a\":1}",
        try plain(arena.allocator(), all),
    );
    try std.testing.expectEqualStrings(
        "[warn] <strong>5 &lt; 6 &amp; &quot;ö&quot;</strong><br><code>order.paid</code> from /shop, o-1" ++
            "<pre><code>{&quot;a&quot;:1}</code></pre>",
        try html(arena.allocator(), all),
    );
    const least: Parts = .{ .kind = "a", .source = "/" };
    try std.testing.expectEqualStrings("a\na from /", try plain(arena.allocator(), least));
}

test "a template replaces the message" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const whole = (try rendered(arena.allocator(), "1 < 2", "Hello", "<p>Hello</p>")).?;
    try std.testing.expectEqualStrings("1 < 2\nHello", whole.body);
    try std.testing.expectEqualStrings("<strong>1 &lt; 2</strong><br><p>Hello</p>", whole.html.?);
    const bare = (try rendered(arena.allocator(), "", "Hello", "")).?;
    try std.testing.expectEqualStrings("Hello", bare.body);
    try std.testing.expectEqual(null, bare.html);
    const markup = (try rendered(arena.allocator(), "", "", "<p>a</p>")).?;
    try std.testing.expectEqualStrings("<p>a</p>", markup.body);
    try std.testing.expectEqual(null, try rendered(arena.allocator(), "", "", ""));
}

test "what is too long is cut between characters" {
    try std.testing.expectEqualStrings("a", cut("aö", 2));
    try std.testing.expectEqualStrings("aö", cut("aö", 3));
    try std.testing.expectEqualStrings("", cut("💥", 3));
}

test "codes are lower case and short" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    try std.testing.expectEqualStrings("m_limit_exceeded", try code(arena.allocator(), "M_LIMIT_EXCEEDED"));
    try std.testing.expectEqualStrings("org_x_y", try code(arena.allocator(), "ORG.X-Y"));
    const long: [200]u8 = @splat(77);
    try std.testing.expectEqual(60, (try code(arena.allocator(), &long)).len);
}
