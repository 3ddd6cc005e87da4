"""SQL that several statements of papers share."""

from __future__ import annotations


def is_renewed(paper: str) -> str:
    """SQL for whether a row of `dealer_paper` needs nothing more at present.

    Its renewal waits for the review, or the receipt of its application was accepted.
    """
    return f"""
    EXISTS (SELECT FROM dealer_paper n
             WHERE (n.dealer_id, n.replaces_id) = ({paper}.dealer_id, {paper}.id)
               AND (n.state = 'filed' OR (n.state = 'accepted' AND n.kind = 'renewal_receipt')))
    """


def of_open_dealer(dealer_id: str) -> str:
    """SQL for whether a row belongs to a dealer whose account is not closed.

    A question of its own for each row, so that rows come from the index in their order.
    """
    return f"(EXISTS (SELECT FROM dealer c WHERE c.id = {dealer_id} AND c.state <> 'closed')) IS TRUE"
