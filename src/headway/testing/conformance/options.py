"""Options: what nobody can read is one warning, or an error that says so."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Options"]


class Options(Checks):
    """Tests of the options of a renderer."""

    def test_a_wrong_option_is_one_warning(self) -> None:
        """An option that there is not, in the environment, is told once, and the program goes on."""
        wrong = f"{self.backend}{'&' if '?' in self.backend else '?'}no_such_option=1"
        screen = self.run(
            """
            for number in range(2):
                for step in headway.track(range(3), desc='alpha'): pass
            """,
            contained=True,
            env={"HEADWAY_BACKEND": wrong},
        )
        self.check(screen.raw.count("HeadwayWarning") == 1, "it is told once", screen)
        self.check("no_such_option" in screen.raw, "the warning names the option", screen)

    def test_options_refuse_what_they_cannot_read(self) -> None:
        """A reader of an option returns a value, or raises `ValueError` or `TypeError`, and nothing else."""
        screen = self.run(
            """
            from headway import testing
            odd = ['', 'x', '{}', '{', '-1', '1e999', '\\0', 'a' * 5000, '\\u8a13']
            odd += [0, -1, 1.5, float('nan'), None, True, b'x', [], {}, object()]
            with testing.watch() as oracles:
                for step in headway.track(range(3), desc='alpha'): pass
            for oracle in oracles:
                for name, read in {**oracle.renderer.options, **oracle.renderer.look}.items():
                    for value in odd:
                        try: read(value)
                        except (ValueError, TypeError): pass
                        except BaseException as error: print('WRONG', name, repr(value)[:20], repr(error))
            """
        )
        self.check("WRONG" not in screen.raw, "only ValueError and TypeError are raised", screen)
