"""Prints the folder of the contract: componentize-py -d "$(python -m fanfare_plugin)" -w fanfare:channel/channel …"""

from pathlib import Path

print(Path(__file__).parent / "wit" / "0.1.0")
