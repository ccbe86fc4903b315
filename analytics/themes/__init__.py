"""What comments are about, without any outside service.

Pure functions over texts, usable from a notebook: docs/statistics.md, "Themes in comments". Texts go through `mask`
before anything else here sees them.
"""

from analytics.themes.assigning import Explanation, Found, Weighed, assign, explain
from analytics.themes.codebook import Codebook, CodebookError, Theme
from analytics.themes.counting import CountingError, ThemeShare, shares
from analytics.themes.joining import JOINING
from analytics.themes.keyness import KeynessError, KeyWord, clearly, keyness
from analytics.themes.learning import Correction, Model, probabilities, train
from analytics.themes.masking import mask
from analytics.themes.no_more import Refusal, wants_no_more
from analytics.themes.proposing import Proposal, ProposalError, propose
from analytics.themes.wording import normalise, words

__all__ = [
    "JOINING",
    "Codebook",
    "CodebookError",
    "Correction",
    "CountingError",
    "Explanation",
    "Found",
    "KeyWord",
    "KeynessError",
    "Model",
    "Proposal",
    "ProposalError",
    "Refusal",
    "Theme",
    "ThemeShare",
    "Weighed",
    "assign",
    "clearly",
    "explain",
    "keyness",
    "mask",
    "normalise",
    "probabilities",
    "propose",
    "shares",
    "train",
    "wants_no_more",
    "words",
]
