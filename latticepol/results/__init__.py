"""Results and files: how arrays become a Dataset, and how that meets the disk.

The one idea: every variable has its dimensions, unit and long name from one table, and every file is replaced in one
step by a process that holds its lock.

``dataset``    the table of variables, ``wrap``, ``save`` and ``load``
``netcdf``     names, texts and complex numbers in netCDF
``files``      paths, checksums, room on the disk, replacement
``locks``      who writes where; ``processes`` tells them from all others
"""
