"""A bar with the arguments, attributes and methods of progressbar2, which reports to headway."""
