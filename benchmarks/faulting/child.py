"""What runs in the process that things go wrong in: `python child.py CASE DRIVER ARGUMENTS`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from faulting.cases import CASES
from faulting.drivers import DRIVERS

__all__: list[str] = []


def main() -> None:
    """Run the program of a case; what it raises is told and ends it, as it would a program without us."""
    sys.path.remove(str(Path(__file__).parent))  # its modules have names of others, such as `outcome`
    name, driver_name, arguments = sys.argv[1:4]
    driver, case = DRIVERS[driver_name], CASES[name]
    try:
        case.program(driver, **json.loads(arguments))
    except NotImplementedError as error:
        driver.tell(not_applicable=str(error))
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and case.status:
            raise
        driver.tell(raised=type(error).__name__, words=str(error)[:300], at=driver.stage)
        sys.exit(1)
    driver.tell(now="end")


if __name__ == "__main__":
    main()
