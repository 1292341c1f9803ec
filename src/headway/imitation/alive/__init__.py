"""A bar with the arguments, attributes and methods of alive-progress, which reports to headway."""
