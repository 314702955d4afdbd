"""Other shapes of the same field: larger cells, and strips that are cut out (docs/physics.md, section 5).

``supercell``   the same model on a larger cell
``strip``       cells across, then a wall
"""
