"""Makes a plugin of an app module, with componentize-py: `python -m fanfare_plugin build channel -o hello.wasm`."""

import argparse
import importlib
import os
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
WIT = HERE / "wit" / "0.1.0"

# Which decorator, by what it adds to the module.
WORLDS = {
    "Handler": "channel",
    "Exchange": "http-channel",
    "BatchHandler": "batch-channel",
    "BatchExchange": "batch-http-channel",
    "Stage": "stage-plugin",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fanfare_plugin")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make a plugin of an app module")
    build.add_argument("module", nargs="?", default="channel", help="in this folder; default: %(default)s")
    build.add_argument("-o", "--output", help="default: the module's name with .wasm")
    commands.add_parser("wit", help="print the folder of the contract")
    options = parser.parse_args()
    if options.command == "wit":
        print(WIT)
    else:
        componentize(options.module, options.output or f"{options.module}.wasm")


def componentize(module: str, output: str) -> None:
    """Runs componentize-py over the module, this package and what is installed beside it."""
    try:
        from componentize_py import script
    except ImportError:
        sys.exit("componentize-py is not installed: pip install componentize-py==0.25.1")
    # `python -m` puts the current folder first, unless PYTHONSAFEPATH is set.
    sys.path.insert(0, os.getcwd())
    world = world_of(module)
    folders = dict.fromkeys([".", str(HERE.parent), sysconfig.get_path("purelib")])
    path = [argument for folder in folders for argument in ("-p", folder)]
    sys.argv = ["componentize-py", "-q", "-d", str(WIT), "-w", world, "componentize", *path, module, "-o", output]
    script()


def world_of(module: str) -> str:
    app = importlib.import_module(module)
    worlds = [world for export, world in WORLDS.items() if hasattr(app, export)]
    if not worlds:
        known = "@channel, @http_channel, @batch_channel, @batch_http_channel or @stage"
        sys.exit(f"{module} has no function with {known}")
    if len(worlds) > 1:
        sys.exit(f"{module} is {' and '.join(worlds)} at once: keep one decorator in it")
    return f"fanfare:channel/{worlds[0]}"


if __name__ == "__main__":
    main()
