"""Units of measure: codes of UN/CEFACT Recommendation 20 that goods are sold by.

Source: Recommendation No. 20, "Codes for Units of Measure Used in International Trade", of the United Nations
Economic Commission for Europe.  The whole list has two thousand entries, most of them of physics; here are
those of trade.  Add a line when a code of the recommendation is missing.
"""

from __future__ import annotations

from cli.words.names import did_you_mean

UNITS = {
    "C62": "one",
    "EA": "each",
    "H87": "piece",
    "PR": "pair",
    "NPR": "number of pairs",
    "NAR": "number of articles",
    "NMP": "number of packs",
    "SET": "set",
    "KT": "kit",
    "AS": "assortment",
    "ST": "sheet",
    "DZN": "dozen",
    "DPR": "dozen pair",
    "DZP": "dozen pack",
    "GRO": "gross",
    "CEN": "hundred",
    "MIL": "thousand",
    "TP": "ten pack",
    "MGM": "milligram",
    "GRM": "gram",
    "HGM": "hectogram",
    "KGM": "kilogram",
    "TNE": "tonne",
    "ONZ": "ounce",
    "LBR": "pound",
    "MLT": "millilitre",
    "CLT": "centilitre",
    "DLT": "decilitre",
    "LTR": "litre",
    "HLT": "hectolitre",
    "MTQ": "cubic metre",
    "DMQ": "cubic decimetre",
    "CMQ": "cubic centimetre",
    "OZA": "fluid ounce (US)",
    "GLL": "gallon (US)",
    "MMT": "millimetre",
    "CMT": "centimetre",
    "DMT": "decimetre",
    "MTR": "metre",
    "INH": "inch",
    "FOT": "foot",
    "YRD": "yard",
    "CMK": "square centimetre",
    "DMK": "square decimetre",
    "MTK": "square metre",
    "FTK": "square foot",
    "YDK": "square yard",
}

_USUALLY_WRITTEN = {
    "PC": "H87",
    "PCE": "H87",
    "PCS": "H87",
    "PIECE": "H87",
    "PIECES": "H87",
    "STK": "H87",
    "UNIT": "EA",
    "UNITS": "EA",
    "EACH": "EA",
    "U": "EA",
    "UN": "EA",
    "PAIR": "PR",
    "PAIRS": "PR",
    "G": "GRM",
    "GR": "GRM",
    "KG": "KGM",
    "KGS": "KGM",
    "T": "TNE",
    "L": "LTR",
    "CL": "CLT",
    "ML": "MLT",
    "M": "MTR",
    "CM": "CMT",
    "MM": "MMT",
    "M2": "MTK",
    "M3": "MTQ",
    "LB": "LBR",
    "OZ": "ONZ",
    "DOZEN": "DZN",
    "DZ": "DZN",
}


def unit_remedy(written: str) -> str:
    """What to write instead: the code that is usually meant, one that looks alike, or the commonest."""
    shape = written.strip().upper()
    meant = shape if shape in UNITS else _USUALLY_WRITTEN.get(shape)
    if meant:
        return f'; did you mean "{meant}" ({UNITS[meant]})?'
    return did_you_mean(written, UNITS) or "; write for example EA (each), H87 (piece) or KGM (kilogram)"
