package dev.drydock.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Schedules of every form that the API admits. */
final class RandomSchedules {
  private RandomSchedules() {}

  static String next(Random random) {
    return String.join(
        " ",
        plainField(random, 0, 59),
        plainField(random, 0, 23),
        switch (random.nextInt(9)) {
          case 0 -> "L";
          case 1 -> "LW";
          case 2 -> (1 + random.nextInt(31)) + "W";
          case 3 -> "?";
          case 4 -> "L," + (1 + random.nextInt(31));
          case 5, 6 -> plainField(random, 1, 31);
          default -> "*";
        },
        random.nextInt(3) == 0 ? plainField(random, 1, 12) : "*",
        switch (random.nextInt(9)) {
          case 0 -> weekday(random) + "#" + (1 + random.nextInt(5));
          case 1 -> weekday(random) + "L";
          case 2 -> weekday(random) + "," + weekday(random) + "L";
          case 3 -> weekday(random);
          case 4 -> weekday(random) + "#" + (1 + random.nextInt(5)) + "," + weekday(random) + "#2";
          case 5, 6 -> plainField(random, 0, 7);
          case 7 -> random.nextInt(3) == 0 ? weekday(random) + "-" + weekday(random) : "?";
          default -> "*";
        });
  }

  private static String weekday(Random random) {
    List<String> names = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
    return random.nextBoolean() ? names.get(random.nextInt(7)) : String.valueOf(random.nextInt(8));
  }

  private static String plainField(Random random, int least, int most) {
    var parts = new ArrayList<String>();
    int count = random.nextInt(4) == 0 ? 2 : 1;
    for (int i = 0; i < count; i++) {
      int from = least + random.nextInt(most - least + 1);
      int to = from + random.nextInt(most - from + 1);
      parts.add(
          switch (random.nextInt(5)) {
            case 0 -> "*";
            case 1 -> "*/" + (1 + random.nextInt(most < 60 ? most : 59));
            case 2 -> from + "-" + to;
            case 3 -> from + "-" + to + "/" + (1 + random.nextInt(5));
            default -> String.valueOf(from);
          });
    }
    return String.join(",", parts);
  }
}
