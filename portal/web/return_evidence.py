"""How the file that tells the temperatures of returned goods is read, by the portal's settings."""

from __future__ import annotations

from portal.returns.evidence import TemperatureFile
from portal.web.cold_terms import cold_tolerance
from portal.web.request import portal


def temperature_file(file_id: str) -> TemperatureFile | None:
    """The file of this id; None where none is named."""
    if not file_id.strip():
        return None
    app = portal()
    return TemperatureFile(file_id.strip(), app.file_store, app.settings.timezone, cold_tolerance())
