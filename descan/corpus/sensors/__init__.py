"""Action units from what sensors and FACS coders write, for `witnesses/` of a corpus."""

from descan.corpus.sensors.reading import FORMATS, describe_some, import_witnesses

__all__ = ["FORMATS", "describe_some", "import_witnesses"]
