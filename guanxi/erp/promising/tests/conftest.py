import pytest

from guanxi.erp.promising.tests.world import yard_of


@pytest.fixture
def yard(alpha):
    return yard_of(alpha)
