"""Progress of other people's frameworks, through the hooks that they have for it.

A module is named as the package that it is for, and imports it; none is imported unless the program does so. What is
handed to a framework as a callback is called `Progress` in each of them::

    from headway.integrations.lightning import Progress

    trainer = Trainer(callbacks=[Progress()])

All of them are a part of headway and not plugins of their own: none brings a dependency, since whoever uses it has the
framework already. What headway itself would have to install is a plugin.
"""
