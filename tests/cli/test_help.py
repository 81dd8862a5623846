import json
import subprocess
import sys

HEAVY = ("sqlalchemy", "alembic", "cv2", "onnxruntime", "pandas", "textual", "PIL")


def test_help_waits_for_no_library_that_it_does_not_need() -> None:
    loads = f"import json, sys, scan_ingest.cli.app; print(json.dumps([n for n in {HEAVY} if n in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
