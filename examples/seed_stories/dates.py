"""Dates, weekdays and times of day."""

import calendar
import datetime

from .steps import Story, choice, fact, operation, prompt_of


def day_text(date):
    return f"{calendar.month_name[date.month]} {date.day}"


def month_fact(name, year, month):
    days = calendar.monthrange(year, month)[1]
    return fact(
        name,
        days,
        [d for d in (days - 1, days + 1) if 28 <= d <= 31],
        f"{calendar.month_name[month]} {year} has {{{name}}} days", "wrong length of the month",
    )


def due_stories():
    rows = [
        (
            "loan",
            (
                "A book is borrowed on {start}, {year}, and is due {n} days later. On which date is"
                " it due?"
            ),
        ),
        (
            "delivery",
            (
                "An order of {start}, {year}, arrives exactly {n} days later. What is the date of"
                " arrival?"
            ),
        ),
        (
            "project",
            (
                "Work begins on {start}, {year}. The review is {n} days after that day. When is the"
                " review?"
            ),
        ),
    ]

    def draw(dice):
        date = datetime.date(dice.between(2019, 2028), dice.between(1, 11), dice.between(6, 27))
        return {
            "date": date,
            "start": day_text(date),
            "year": date.year,
            "day": date.day,
            "next": calendar.month_name[date.month + 1],
            "n": dice.between(14, 34),
        }

    def steps(env):
        month = calendar.month_name[env["date"].month]
        return [
            month_fact("length", env["year"], env["date"].month),
            operation(
                "rest", "length", "-", "day", f"Days left in {month} after {env['start']}",
                small=True,
            ),
            operation("into", "n", "-", "rest", f"Days that fall into {env['next']}", small=True),
        ]

    def truth(env):
        end = env["date"] + datetime.timedelta(days=env["n"])
        return day_text(end) if end.month == env["date"].month + 1 else None

    for name, prompt in rows:
        yield Story(
            "dates",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: f"{env['next']} {env['into']}",
            truth,
            lambda env: env["into"],
        )


def weekday_stories():
    rows = [
        (
            "market",
            "The market was held on a {weekday}. Which day of the week is it {n} days after that?",
        ),
        (
            "exam",
            (
                "Today is {weekday}. The examination takes place in {n} days. On which day of the"
                " week is that?"
            ),
        ),
        (
            "watering",
            (
                "A plant was watered on {weekday} and will be watered again {n} days later. Which"
                " day of the week will that be?"
            ),
        ),
    ]
    days = list(calendar.day_name)

    def draw(dice):
        first, n = dice.below(7), 7 * dice.between(3, 13) + dice.between(1, 6)
        return {"first": first, "weekday": days[first], "n": n, "q": n // 7, "seven": 7}

    def counted_slips(env, value):
        return [days[(days.index(value) + off) % 7] for off in (1, -1)]

    def steps(env):
        return [
            operation("weeks", "q", "*", "seven", "Whole weeks"),
            operation("rest", "n", "-", "weeks", "Days beyond them", small=True),
            choice(
                "end",
                lambda e: days[(e["first"] + e["rest"]) % 7],
                lambda e: f"{e['rest']} days on from {e['weekday']}: {e['end']}",
                counted_slips,
                "counted one day too many or too few",
            ),
        ]

    def truth(env):
        date = datetime.date(2024, 1, 1 + env["first"]) + datetime.timedelta(
            days=env["n"]
        )  # a Monday + first
        return date.strftime("%A")

    for name, prompt in rows:
        yield Story(
            "dates",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: env["end"],
            truth,
            lambda env: (env["rest"], days.index(env["end"])),
        )


def between_stories():
    rows = [
        (
            "voyage",
            (
                "A voyage lasts from {start} to {stop}, {year}. How many days after the start does"
                " it end?"
            ),
        ),
        (
            "bill",
            (
                "A bill of {start}, {year}, is paid on {stop} of that year. How many days later is"
                " that?"
            ),
        ),
        (
            "seedling",
            "Seeds are sown on {start}, {year}, and flower on {stop}, {year}. After how many days?",
        ),
    ]

    def draw(dice):
        start = datetime.date(dice.between(2019, 2028), dice.between(1, 9), dice.between(3, 27))
        stop = datetime.date(start.year, start.month + 2, dice.between(3, 27))
        return {
            "from": start,
            "to": stop,
            "start": day_text(start),
            "stop": day_text(stop),
            "year": start.year,
            "d1": start.day,
            "d2": stop.day,
        }

    def steps(env):
        start, year = env["from"], env["year"]
        first, second = calendar.month_name[start.month], calendar.month_name[start.month + 1]
        return [
            month_fact("length", year, start.month),
            operation("rest", "length", "-", "d1", f"Days left in {first}", small=True),
            month_fact("middle", year, start.month + 1),
            operation("until", "rest", "+", "middle", f"Days to the end of {second}"),
            operation("total", "until", "+", "d2", f"Days to {env['stop']}"),
        ]

    for name, prompt in rows:
        yield Story(
            "dates",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: f"{env['total']} days",
            lambda env: f"{(env['to'] - env['from']).days} days",
            lambda env: env["total"],
        )


def clock_stories():
    rows = [
        (
            "night_train",
            (
                "A night train leaves at {h1}:{m1:02d} and arrives at {h2}:{m2:02d} the next"
                " morning. How long does it travel?"
            ),
        ),
        (
            "shift",
            (
                "A shift begins at {h1}:{m1:02d} in the evening and ends at {h2}:{m2:02d} the next"
                " morning. How long is the shift?"
            ),
        ),
    ]

    def draw(dice):
        h1, m1 = dice.between(18, 22), dice.between(31, 57)
        return {
            "h1": h1,
            "m1": m1,
            "h2": dice.between(4, 9),
            "m2": dice.between(3, 29),
            "sixty": 60,
            "day": 24,
            "full": h1 + 1,
        }

    def steps(env):
        return [
            operation(
                "a", "sixty", "-", "m1", f"Minutes from {env['h1']}:{env['m1']} to {env['full']}:00"
            ),
            operation(
                "b", "day", "-", "full", f"Hours from {env['full']}:00 to midnight", small=True
            ),
            operation("hours", "b", "+", "h2", "Hours with those after midnight", small=True),
            operation("minutes", "a", "+", "m2", "Minutes altogether"),
        ]

    def truth(env):
        start = datetime.datetime(2024, 5, 1, env["h1"], env["m1"])
        seconds = (datetime.datetime(2024, 5, 2, env["h2"], env["m2"]) - start).seconds
        return f"{seconds // 3600} hours {seconds // 60 % 60} minutes"

    for name, prompt in rows:
        yield Story(
            "dates",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: f"{env['hours']} hours {env['minutes']} minutes",
            truth,
            lambda env: (env["hours"], env["minutes"]) if env["minutes"] < 60 else None,
        )


STORIES = [*due_stories(), *weekday_stories(), *between_stories(), *clock_stories()]
