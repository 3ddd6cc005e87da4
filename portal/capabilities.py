"""Every table of the portal, so that metadata is complete wherever this is imported (migrations, tests, loader)."""

from portal.audit import models as audit  # noqa: F401
from portal.checks import models as checks  # noqa: F401
from portal.catalogue import models as catalogue  # noqa: F401
from portal.dealers import models as dealers  # noqa: F401
from portal.identity import models as identity  # noqa: F401
from portal.ledger import models as ledger  # noqa: F401
from portal.orders import models as orders  # noqa: F401
from portal.pricing import models as pricing  # noqa: F401
from portal.shipping import models as shipping  # noqa: F401
from portal.statements import models as statements  # noqa: F401
from portal.stock import models as stock  # noqa: F401
from portal.regions import models as regions  # noqa: F401
from portal.kernel import idempotency, outbox  # noqa: F401
from portal.kernel.db import Base

metadata = Base.metadata
