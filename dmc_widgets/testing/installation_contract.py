"""What every installation has to do, hostile records included."""

from __future__ import annotations

from .lazy_reference_contract import LazyReferenceContract
from .merge_contract import MergeContract
from .reading_contract import ReadingContract
from .relationship_contract import RelationshipContract
from .strategy_contract import StrategyContract
from .value_contract import ValueContract


class InstallationContract(
    ReadingContract,
    StrategyContract,
    MergeContract,
    RelationshipContract,
    LazyReferenceContract,
    ValueContract,
):
    """The tests that an adapter passes; derive from it and give it an installation.

    The definitions that the tests work with are written through the installation
    itself, so it has to begin empty::

        class TestMyDatabase(InstallationContract):
            @pytest.fixture
            def installation(self, tmp_path: Path) -> Iterator[Installation]:
                opened = connect(f"mydb:///{tmp_path / 'contract.db'}")
                yield opened
                opened.close()
    """
