from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]

    operations = []
