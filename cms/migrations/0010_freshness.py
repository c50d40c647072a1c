from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cms", "0009_mentors")]

    operations = []
