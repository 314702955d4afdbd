"""Results: how arrays become a Dataset, and how that becomes a file.

The one idea: every variable has its dimensions, unit and long name from one table.

``growth``     what a stationary state says of its stability
``saved``      what a model shows of itself; ``starts``: what a run goes on from
``variables``  the table of variables, and names of units
``dataset``    wrap, save and load
``places``     where values are: dots or a grid
``netcdf``     names, texts and complex numbers in netCDF
``earlier``    what earlier versions called a variable
``content``    what a value is, as a text that is the same in every process
``functions``  what a function refers to, for that text
``labelled``   what counts of a Dataset, for that text
"""
