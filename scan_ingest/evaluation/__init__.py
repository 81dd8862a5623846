"""How well the cards were read, told by what people made of them."""

from scan_ingest.evaluation.evaluate import Evaluation, Figures, Measure, evaluate
from scan_ingest.evaluation.ratio import Ratio, wilson

__all__ = ["Evaluation", "Figures", "Measure", "Ratio", "evaluate", "wilson"]
