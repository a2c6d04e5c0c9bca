package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Work;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostCommandsTest {
  @Test
  void disturbsWhatItWasSaidToAndNothingElse() {
    assertThat(touches("{run: garden}")).isEmpty();
    assertThat(touches("{run: deploy, disturbs: {pm2: [api], systemd: [nginx, db.socket]}}"))
        .containsExactly(Work.pm2("api"), Work.unit("nginx.service"), Work.unit("db.socket"));
    var all = new Work("", touches("{run: pm2 update, disturbs: {pm2: [all]}}"));
    assertThat(all.touchesPm2("api")).isTrue();
    assertThat(all.touchesHost()).isFalse();
    assertThat(touches("{run: reboot, disturbs: {host: true}}")).containsExactly(Work.HOST);
  }

  private static List<String> touches(String command) {
    var task =
        Serialization.unmarshal(
            "name: a\nschedule: '@daily'\ncommand: " + command, MaintenanceTask.class);
    return HostWork.of(task).orElseThrow().touches();
  }
}
