from django.db import migrations, models

import guanxi.shared.parties.countries

# What addresses say already: the default one of the office, of deliveries, of invoices.
FILL = """
UPDATE parties_party p SET country = a.country, version = p.version + 1 FROM (
    SELECT DISTINCT ON (party_id) party_id, country FROM parties_address
    ORDER BY party_id, is_default DESC, array_position(ARRAY['office', 'delivery', 'billing'], kind::text), id
) a WHERE a.party_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]

    operations = [
        migrations.AddField(
            "party", "country",
            models.CharField(blank=True, choices=guanxi.shared.parties.countries.country_choices, max_length=2, verbose_name="Country or area"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
