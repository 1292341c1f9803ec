"""Progress of other people's frameworks, through the hooks that they have for it.

Knows the public functions and training runs, each module one framework; knows neither `capturing` nor `tqdm`. A module
is named as the package that it is for, and imports it; none is imported unless the program does so. Modules whose names
begin with an underscore are shared by several of them. The callback for a framework is called `Progress` in each::

    from headway.integrations.lightning import Progress

    trainer = Trainer(callbacks=[Progress()])

All of them are a part of headway and not plugins of their own: none brings a dependency, since whoever uses it has the
framework already. What headway itself would have to install is a plugin.
"""
