from django.db import migrations

# Entries that do not know the address yet; what has none is entered anew at the end of a set's migration.
FORGET = "DELETE FROM search_searchentry WHERE model = 'parties.party' AND object_id IN (SELECT id FROM parties_party WHERE email <> '')"


class Migration(migrations.Migration):
    dependencies = [("parties", "0003_sales_channels"), ("search", "0001_initial")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
