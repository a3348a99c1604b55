// Package k8s tests the manifest: apart from the program, which shall not need
// what Kubernetes needs.
package k8s

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestManifest decodes the manifest strictly, so that no key is misspelled or
// in a wrong place, and asks for what makes it safe and whole.
func TestManifest(t *testing.T) {
	text, err := os.ReadFile("job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	documents := bytes.Split(text, []byte("\n---\n"))
	if len(documents) != 2 {
		t.Fatalf("%d documents, not 2", len(documents))
	}
	var claim corev1.PersistentVolumeClaim
	var job batchv1.Job
	if err := yaml.UnmarshalStrict(documents[0], &claim); err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(documents[1], &job); err != nil {
		t.Fatal(err)
	}
	pod := job.Spec.Template.Spec
	if *job.Spec.CompletionMode != batchv1.IndexedCompletion || pod.RestartPolicy != corev1.RestartPolicyNever {
		t.Error("the job is not indexed, or restarts in place, where backoffLimitPerIndex is not allowed")
	}
	c := pod.Containers[0]
	s := c.SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || len(s.Capabilities.Drop) != 1 {
		t.Error("the container can do more than it needs")
	}
	if args := strings.Join(c.Args, " "); !strings.Contains(args, "--shard $(JOB_COMPLETION_INDEX)/"+strconv.Itoa(int(*job.Spec.Completions))+" ") {
		t.Errorf("the shards are not as many as the completions: %s", args)
	}
	if args := strings.Join(c.Args, " "); !strings.Contains(args, "--run $(RUN) ") || strings.Count(args, "/$(RUN)-part-") != 2 {
		t.Errorf("another Job would go on with the files of this one: %s", args)
	}
	if len(c.Env) != 1 || c.Env[0].Name != "RUN" || c.Env[0].ValueFrom.FieldRef.FieldPath != "metadata.labels['"+batchv1.ControllerUidLabel+"']" {
		t.Errorf("the run is not named by the Job's UID: %+v", c.Env)
	}
	volumes := make(map[string]corev1.Volume)
	for _, v := range pod.Volumes {
		volumes[v.Name] = v
	}
	for _, m := range c.VolumeMounts {
		if _, ok := volumes[m.Name]; !ok {
			t.Errorf("no volume %s", m.Name)
		}
	}
	if got := volumes["results"].PersistentVolumeClaim.ClaimName; got != claim.Name {
		t.Errorf("the results go to %s, and the claim is %s", got, claim.Name)
	}
}
