"""What the script of a user imports from the file next to it."""


def square(p):
    return p**2
