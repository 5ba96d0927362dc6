"""Arithmetic and units: stories that are chains of operations."""

from .steps import chain, fact, operation


def arithmetic_stories():
    op = operation
    rows = [
        (
            "bakery",
            (
                "A bakery bakes {a} loaves every morning for {b} days. It sells {c} of them and"
                " gives {d} to a shelter. How many loaves are left?"
            ),
            {"a": (43, 89), "b": (4, 9), "c": (41, 97), "d": (11, 39)},
            [
                op("baked", "a", "*", "b", "Loaves baked"),
                op("kept", "baked", "-", "c", "Loaves not sold"),
                op("left", "kept", "-", "d", "Loaves left"),
            ],
            "a * b - c - d", "loaves",
        ),
        (
            "shop",
            (
                "{who} buys {a} notebooks at {b} cents each and a pen for {c} cents, and pays with"
                " {d} cents. How much change is due?"
            ),
            {"a": (3, 9), "b": (35, 95), "c": (27, 89), "d": (1000, 1500)},
            [
                op("books", "b", "*", "a", "Price of the notebooks"),
                op("bill", "books", "+", "c", "With the pen"),
                op("change", "d", "-", "bill", "Change"),
            ],
            "d - a * b - c", "cents",
        ),
        (
            "savings",
            (
                "{who} has {a} dollars, saves {b} dollars a week for {c} weeks and then spends {d} "
                "dollars on a bicycle. How many dollars remain?"
            ),
            {"a": (120, 480), "b": (13, 48), "c": (6, 14), "d": (95, 260)},
            [
                op("saved", "b", "*", "c", "Saved in that time"),
                op("total", "a", "+", "saved", "Total before buying"),
                op("left", "total", "-", "d", "After the bicycle"),
            ],
            "a + b * c - d", "dollars",
        ),
        (
            "journey",
            (
                "A train runs {b} hours at {a} km per hour and then {d} hours at {c} km per hour."
                " How many kilometres is that altogether?"
            ),
            {"a": (62, 118), "b": (2, 7), "c": (41, 97), "d": (2, 7)},
            [
                op("first", "a", "*", "b", "First part"),
                op("second", "c", "*", "d", "Second part"),
                op("total", "first", "+", "second", "Whole way"),
            ],
            "a * b + c * d", "km",
        ),
        (
            "orchard",
            (
                "An orchard has {a} rows of {b} trees. A storm fells {c} trees and {d} new ones are"
                " planted. How many trees stand there now?"
            ),
            {"a": (12, 28), "b": (14, 36), "c": (37, 99), "d": (18, 76)},
            [
                op("trees", "b", "*", "a", "Trees at first"),
                op("after", "trees", "-", "c", "After the storm"),
                op("now", "after", "+", "d", "After planting"),
            ],
            "a * b - c + d", "trees",
        ),
        (
            "library",
            (
                "A library owns {a} books. It lends out {b} on Monday and {c} on Tuesday, and {d}"
                " come back on Wednesday. How many books are in the library then?"
            ),
            {"a": (640, 980), "b": (87, 168), "c": (65, 149), "d": (38, 97)},
            [
                op("monday", "a", "-", "b", "After Monday"),
                op("tuesday", "monday", "-", "c", "After Tuesday"),
                op("wednesday", "tuesday", "+", "d", "After Wednesday"),
            ],
            "a - b - c + d", "books",
        ),
        (
            "theatre",
            (
                "A theatre has {a} rows with {b} seats each. On one evening {c} seats stay empty,"
                " and each guest pays {d} dollars. How many dollars does the theatre take?"
            ),
            {"a": (11, 19), "b": (13, 24), "c": (17, 68), "d": (6, 9)},
            [
                op("seats", "b", "*", "a", "Seats"),
                op("guests", "seats", "-", "c", "Guests"),
                op("income", "guests", "*", "d", "Income"),
            ],
            "(a * b - c) * d", "dollars",
        ),
        (
            "printer",
            (
                "A printer makes {a} pages per minute. It runs {b} minutes before lunch and {c}"
                " minutes after it. {d} pages are spoiled. How many good pages are there?"
            ),
            {"a": (14, 46), "b": (7, 18), "c": (6, 17), "d": (23, 88)},
            [
                op("minutes", "b", "+", "c", "Minutes altogether"),
                op("pages", "a", "*", "minutes", "Pages printed"),
                op("good", "pages", "-", "d", "Good pages"),
            ],
            "a * (b + c) - d", "pages",
        ),
        (
            "cards",
            (
                "{who} sorts {a} cards from one box and {b} cards from another, keeps {c} of them"
                " and gives the rest away. How many cards are given away?"
            ),
            {"a": (156, 398), "b": (127, 369), "c": (68, 155)},
            [
                op("all", "a", "+", "b", "Cards altogether"),
                op("rest", "all", "-", "c", "Cards given away"),
            ],
            "a + b - c", "cards",
        ),
        (
            "rent",
            (
                "A hall costs {a} dollars a day. A club rents it for {b} days, pays {c} dollars for"
                " cleaning, and gets {d} dollars back as a discount. What does it pay in all, in"
                " dollars?"
            ),
            {"a": (115, 289), "b": (3, 8), "c": (45, 98), "d": (26, 87)},
            [
                op("hall", "a", "*", "b", "Rent of the hall"),
                op("gross", "hall", "+", "c", "With cleaning"),
                op("net", "gross", "-", "d", "After the discount"),
            ],
            "a * b + c - d", "dollars",
        ),
        (
            "harvest",
            (
                "{who} picks {a} kg of apples on each of {b} days and {c} kg of pears once. Juice"
                " takes {d} kg of the fruit. How many kg are left?"
            ),
            {"a": (24, 67), "b": (3, 9), "c": (36, 99), "d": (28, 84)},
            [
                op("apples", "a", "*", "b", "Apples"),
                op("fruit", "apples", "+", "c", "Apples and pears"),
                op("left", "fruit", "-", "d", "Left after juice"),
            ],
            "a * b + c - d", "kg",
        ),
    ]
    return [chain("arithmetic", *row) for row in rows]


def unit_stories():
    op = operation
    # name, factor, wrong factors, sentence, prompt, range of a, range of b, last operation, unit
    rows = [
        (
            "stone", 14, (12, 16), "One stone is {f} pounds",
            "A crate weighs {a} stone and {b} pounds. What is its weight in pounds?", (7, 36),
            (2, 11), "+", "pounds",
        ),
        (
            "inches", 12, (10, 14), "One foot is {f} inches",
            "A plank is {a} feet long and {b} inches are sawn off. How many inches remain?",
            (6, 29), (14, 55), "-", "inches",
        ),
        (
            "hours", 168, (164, 172), "One week has {f} hours",
            (
                "A pump ran for {a} weeks and stood still for {b} hours of that time. How many"
                " hours did it work?"
            ),
            (3, 14), (25, 96), "-", "hours",
        ),
        (
            "yards", 1760, (1670, 1780), "One mile is {f} yards",
            "A path is {a} miles and {b} yards long. How long is it in yards?", (3, 17), (105, 690),
            "+", "yards",
        ),
        (
            "pints", 8, (6, 10), "One gallon is {f} pints",
            "A barrel holds {a} gallons and {b} pints are drawn. How many pints are left in it?",
            (14, 62), (19, 68), "-", "pints",
        ),
        (
            "minutes", 1440, (1400, 1480), "One day has {f} minutes",
            "An experiment takes {a} days and {b} minutes. How many minutes is that?", (3, 13),
            (105, 598), "+", "minutes",
        ),
        (
            "ounces", 16, (14, 18), "One pound is {f} ounces",
            "A cook has {a} pounds of rice and uses {b} ounces. How many ounces are left?", (6, 28),
            (17, 59), "-", "ounces",
        ),
        (
            "feet", 3, (2, 4), "One yard is {f} feet",
            (
                "A rope of {a} yards is tied to a rope of {b} feet. How many feet do they measure"
                " together?"
            ),
            (27, 96), (13, 88), "+", "feet",
        ),
        (
            "gross", 144, (124, 164), "One gross is {f} pieces",
            (
                "A dealer orders {a} gross of buttons and sells {b} single buttons. How many"
                " buttons remain?"
            ),
            (4, 19), (37, 186), "-", "buttons",
        ),
        (
            "sheets", 500, (480, 520), "One ream is {f} sheets",
            (
                "An office gets {a} reams of paper and finds {b} loose sheets. How many sheets are"
                " there?"
            ),
            (3, 18), (36, 287), "+", "sheets",
        ),
        (
            "metres", 1852, (1825, 1882), "One nautical mile is {f} metres",
            "A ship sails {a} nautical miles and then {b} metres. How many metres is that?",
            (3, 14), (115, 940), "+", "metres",
        ),
    ]
    for name, factor, wrong, sentence, prompt, a, b, sign, unit in rows:
        steps = [
            fact("f", factor, wrong, sentence),
            op("converted", "f", "*", "a", f"In {unit}"),
            op("end", "converted", sign, "b", "Altogether" if sign == "+" else "What is left"),
        ]
        yield chain("units", name, prompt, {"a": a, "b": b}, steps, f"{factor} * a {sign} b", unit)


STORIES = arithmetic_stories() + list(unit_stories())
