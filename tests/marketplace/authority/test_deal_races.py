"""Two who sign at the same moment: the rules are written once, and hold."""

import threading

import pytest
from django.db import connections

from cms.models import Organisation
from marketplace.authority import pathways
from marketplace.authority.models import Pathway, PathwayState, Rule
from tests.cast import Cast
from tests.marketplace.authority.dealing import STEPS, answer, offer, signatory


@pytest.mark.django_db(transaction=True)
def test_both_sign_at_the_same_moment_and_the_rules_are_written_once(cast: Cast):
    pathway = answer(cast, offer(cast))
    gate = threading.Barrier(4)
    refused: list[str] = []

    def sign(party: Organisation) -> None:
        by = signatory(cast, party)
        gate.wait()
        try:
            pathways.sign(pathways=[pathway], party=party, by=by, at=cast.at)
        except pathways.NotNow as refusal:
            refused.append(refusal.sentence)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=sign, args=[party]) for party in (cast.trust, cast.county) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Pathway.objects.get(pk=pathway.pk).state == PathwayState.LIVE
    assert Rule.objects.filter(agreement__pathway=pathway).count() == len(STEPS)
    assert len(refused) <= 2
