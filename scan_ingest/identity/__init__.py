"""Patients' identities in what people wrote: text → findings. Pure; what becomes of them is decided elsewhere.

The rules are made for British cards as a recogniser reads them: O for 0, l for 1, S for 5, stray spaces, split words,
line ends, a confused letter. Check digits and shapes speak for numbers, the words around speak for names.
"""

from scan_ingest.identity.find import NOBODY, Known, find, find_in_fields

__all__ = ["NOBODY", "Known", "find", "find_in_fields"]
