//! `zig build` makes zig-out/bin/matrix.wasm, a core module; `zig build test` runs the tests on this machine.

const std = @import("std");

const sdk = "../../plugin-sdk/c";

pub fn build(b: *std.Build) void {
    const wasm = b.resolveTargetQuery(.{ .cpu_arch = .wasm32, .os_tag = .wasi });

    const bindings = b.addTranslateC(.{
        .root_source_file = b.path(sdk ++ "/fanfare.h"),
        .target = wasm,
        .optimize = .small,
    });
    bindings.addIncludePath(b.path(sdk));

    const root = b.createModule(.{
        .root_source_file = b.path("src/matrix.zig"),
        .target = wasm,
        .optimize = .small,
        .strip = true,
        .single_threaded = true,
        .link_libc = true,
        .imports = &.{.{ .name = "fanfare", .module = bindings.createModule() }},
    });
    root.addCSourceFiles(.{
        .root = b.path(sdk),
        .files = &.{ "fanfare.c", "bindings/channel.c" },
        .flags = &.{"-std=c17"},
    });
    root.addObjectFile(b.path(sdk ++ "/bindings/channel_component_type.o"));

    const plugin = b.addExecutable(.{ .name = "matrix", .root_module = root });
    plugin.wasi_exec_model = .reactor;
    // Zig's default of 16 MiB would take most of the plugin's memory.
    plugin.stack_size = 128 * 1024;
    b.installArtifact(plugin);

    const tests = b.addTest(.{
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/message.zig"),
            .target = b.graph.host,
        }),
    });
    b.step("test", "Run the tests").dependOn(&b.addRunArtifact(tests).step);
}
