import guanxi.kernel.values.fields
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0011_affected_lines'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='supplier_cost',
            field=guanxi.kernel.values.fields.PriceField(currency_field='', decimal_places=6, editable=False, max_digits=19, null=True, verbose_name="Supplier's price"),
        ),
    ]
