package polartest

import "testing"

// BenchmarkNew measures the start of a server.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		s, err := start(b, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkNewAndClose measures the start and the stop of a server.
func BenchmarkNewAndClose(b *testing.B) {
	for b.Loop() {
		s, err := start(b, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.close(); err != nil {
			b.Fatal(err)
		}
	}
}
