"""The stories of the quickstart's seeds, by domain; see ../make_seeds.py."""
