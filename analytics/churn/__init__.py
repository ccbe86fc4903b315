"""Who left after what (`by_kind`), who will leave and why (`fit`, `score`, `evaluate`), who will buy (`buyers`).

Nothing here is slow to import: scikit-learn and interpret are loaded by the first model that is fitted.
"""

from analytics.churn.evaluating import Evaluation, evaluate
from analytics.churn.fitting import Kind, Model, Reason, contributions, fit, score, update_level
from analytics.churn.leaks import LeakWarning

__all__ = [
    "Evaluation",
    "Kind",
    "LeakWarning",
    "Model",
    "Reason",
    "contributions",
    "evaluate",
    "fit",
    "score",
    "update_level",
]
