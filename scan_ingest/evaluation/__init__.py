"""How well the cards were read, told by what people made of them."""

from scan_ingest.domain.ratio import Ratio, wilson
from scan_ingest.evaluation.evaluate import Evaluation, Figures, Measure, evaluate

__all__ = ["Evaluation", "Figures", "Measure", "Ratio", "evaluate", "wilson"]
