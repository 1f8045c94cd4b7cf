"""pipegen: governs pipeline generation in the data warehouse.

What belongs here: the packages of the project under one import name. `pipegen.orchestration` and
`pipegen.expectations` lie at the top level of the repository; setuptools maps them here.
"""
