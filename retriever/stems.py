"""Endings by which international nonproprietary names of drugs are told.

Source: WHO, INN stem book 2018, https://www.who.int/publications/m/item/inn-stem-book-2018
"""

# Few other words of English or of the field end so; of stems that end alike the longest counts.
_SURE = (
    "tinib nib limab tuzumab ximab zumab mumab tumab mab clax leucel vaccel fusp citidine citabine abine parib zomib "
    "sidenib degib rubicin platin ciclib lisib menib stat lidomide domide taxel xel trexate terone xitide vitide mycin "
    "cillin conazole prazole ciclovir statin zumib floxacin gliptin gliflozin sartan"
)
# Endings of ordinary words too.
_ALSO = (
    "arabine azole cycline purine parginase cristine blastine poside phamide sulfan mustine uridine micin penem fungin "
    "sone solone setron feron tinoin parin olol dipine zepam oxetine xaban caine glitazone triptan vir uracil tecan "
    "thiazide profen terol pril cept relin dronate"
)


def _alternation(stems: str) -> str:
    return "|".join(sorted(stems.split(), key=lambda stem: (-len(stem), stem)))


SURE_STEM = f"(?:{_alternation(_SURE)})"
ANY_STEM = f"(?:{_alternation(f'{_SURE} {_ALSO}')})"
# After the search's own stemming of words, which drops a final e.
SURE_STEMMED = f"(?:{_alternation(' '.join(stem.removesuffix('e') for stem in _SURE.split()))})e?"
